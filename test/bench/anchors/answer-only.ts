/**
 * The limit: fastify on callback-ingest's routes, that answers 200 and does nothing. `CALLBACK_PORT` in the
 * environment.
 */
import Fastify from 'fastify';

const server = Fastify({ logger: false, routerOptions: { maxParamLength: 1_024 } });
server.get('/readyz', async () => ({ status: 'ok' }));
server.route({
  method: ['GET', 'POST'],
  url: '/callbacks/:token',
  handler: async () => ({ status: 'recorded' }),
});
await server.listen({ host: '127.0.0.1', port: Number(process.env['CALLBACK_PORT']) });
