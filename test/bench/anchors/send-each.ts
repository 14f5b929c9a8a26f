/**
 * What a team would write first: fastify with one kafkajs `send`, acknowledged by all, for each callback, and 200
 * after it. The token is checked and the event is the same as callback-ingest's, by its own functions; beside that it
 * promises nothing: no bound, no time-out, no spool. The environment is callback-ingest's.
 */
import { readSigningKeys, verifyToken } from '@whatsapp-stream/callback-token';
import {
  callbackEventId,
  connectRegistry,
  createEncoder,
  newStatusEvent,
  STATUSES,
  statusOfCode,
  subjectOf,
} from '@whatsapp-stream/schemas';
import Fastify from 'fastify';
import kafkajs from 'kafkajs';

interface Route {
  readonly Params: { readonly token: string };
  readonly Querystring: { readonly session_id: string; readonly status: string };
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

const topic = setting('STATUS_TOPIC');
const signing = readSigningKeys(setting('CALLBACK_SIGNING_KEYS'));
if (!signing.ok) throw new Error(signing.fault);
const kafka = new kafkajs.Kafka({
  clientId: 'send-each',
  brokers: setting('KAFKA_BROKERS').split(','),
  logLevel: kafkajs.logLevel.ERROR,
});
const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
await producer.connect();
const registry = connectRegistry({ url: setting('SCHEMA_REGISTRY_URL') });
const encoder = await createEncoder(registry, 'StatusEvent', subjectOf(topic));

const server = Fastify({ logger: false, routerOptions: { maxParamLength: 1_024 } });
server.get('/readyz', async () => ({ status: 'ok' }));
server.route<Route>({
  method: ['GET', 'POST'],
  url: '/callbacks/:token',
  handler: async ({ params, query }, reply) => {
    const verified = verifyToken(signing.keys, params.token);
    if (!verified.ok) return reply.code(401).send({ status: 'refused' });
    const { messageId, attempt, attemptId } = verified.claims;
    const [sessionId, code] = [query.session_id, Number(query.status)];
    const status = statusOfCode(code);
    const event = newStatusEvent({
      event_id: callbackEventId({ messageId, attemptId, sessionId, code }),
      message_id: messageId,
      session_id: sessionId,
      status,
      provider_code: code,
      origin: 'CALLBACK',
      attempt,
      attempt_id: attemptId,
      occurred_at: Date.now(),
      charged: STATUSES[status].charged,
      verified: true,
    });
    const value = encoder.encode(event);
    await producer.send({ topic, acks: -1, messages: [{ key: messageId, value }] });
    return { status: 'recorded' };
  },
});
await server.listen({ host: '127.0.0.1', port: Number(setting('CALLBACK_PORT')) });
