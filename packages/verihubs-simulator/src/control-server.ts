import type { ServerResponse } from 'node:http';
import { type FastifyInstance, fastify } from 'fastify';
import type { CallbackPlan } from './callback-plan.ts';
import type { SimulatorControl } from './control.ts';
import { callbacksSchema, faultsSchema, limitSchema } from './control-schemas.ts';
import type { SimulatorEvent } from './events.ts';
import type { FaultSettings } from './faults.ts';
import type { RateLimit } from './window.ts';

export const CONTROL_PREFIX = '/_simulator';

/** A follower that reads this much too slowly is cut off, for it would fill the memory. */
const MAX_FOLLOWER_BACKLOG_BYTES = 8 * 1_024 * 1_024;

const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && /^(?:::1$|(?:::ffff:)?127\.)/.test(address);

const line = (event: SimulatorEvent): string => `${JSON.stringify(event)}\n`;

/** Writes the events that there are and, if asked to, those that come until the reader goes away. */
function streamEvents(control: SimulatorControl, response: ServerResponse, follow: boolean): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  for (const event of control.events()) response.write(line(event));
  if (!follow) {
    response.end();
    return;
  }
  const unfollow = control.follow((event) => {
    if (response.writableLength > MAX_FOLLOWER_BACKLOG_BYTES) response.destroy();
    else response.write(line(event));
  });
  response.on('close', unfollow);
}

/**
 * The routes under `/_simulator`. Never listens by itself: the caller passes requests to `routing`.
 * Answers 403 to peers that are not on this machine, unless `open`.
 */
export function createControlServer(control: SimulatorControl, open: boolean): FastifyInstance {
  const app = fastify({
    logger: false,
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        discriminator: true,
        strict: false,
      },
    },
  });
  app.addHook('onRequest', (request, reply, done) => {
    if (open || isLoopback(request.socket.remoteAddress)) done();
    else
      reply.code(403).send({ message: 'The control endpoint is for this machine only (see --open-control)' });
  });
  app.register(async (routes) => routesOf(routes, control), { prefix: CONTROL_PREFIX });
  return app;
}

function routesOf(app: FastifyInstance, control: SimulatorControl): void {
  app.get('/stats', async () => control.stats());
  app.get('/messages', async () => control.messages());
  app.get('/settings', async () => control.settings());
  app.get<{ Querystring: { follow?: string } }>('/events', (request, reply) => {
    reply.hijack();
    const { follow } = request.query;
    streamEvents(control, reply.raw, follow !== undefined && follow !== 'false');
  });
  app.put<{ Body: Partial<FaultSettings> }>(
    '/faults',
    { schema: { body: faultsSchema } },
    async (request) => {
      control.setFaults(request.body);
      return control.settings().faults;
    },
  );
  app.put<{ Body: Partial<CallbackPlan> }>(
    '/callbacks',
    { schema: { body: callbacksSchema } },
    async (request) => {
      control.setCallbacks(request.body);
      return control.settings().callbacks;
    },
  );
  app.put<{ Body: Partial<RateLimit> }>('/limit', { schema: { body: limitSchema } }, async (request) => {
    control.setLimit(request.body);
    return control.settings().limit;
  });
  app.post('/reset', async () => {
    await control.reset();
    return control.stats();
  });
}
