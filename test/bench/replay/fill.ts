/** Writes status events, journeys of five, as our services write them: `fill.ts TOPIC EVENTS`. */
import { randomBytes } from 'node:crypto';
import { createKafka, type NewRecord } from '@whatsapp-stream/kafka';
import { cloudEventHeaders, connectRegistry, createEncoder, subjectOf } from '@whatsapp-stream/schemas';
import { createLogger } from '@whatsapp-stream/service-kit';
import { EVENTS_OF_JOURNEY, journey } from './journeys.ts';

/** About 2,000 small records are what a request may hold before it is compressed, which here would only take time. */
const BATCH = 400 * EVENTS_OF_JOURNEY;
const UNDER_WAY = 4;

const [topic = '', events = '0'] = process.argv.slice(2);
const { KAFKA_BROKERS: brokers = '', SCHEMA_REGISTRY_URL: url = '' } = process.env;
const log = createLogger('fill', 'fatal');
const kafka = createKafka({ brokers: brokers.split(','), clientId: 'bench-fill', log });
const encoder = await createEncoder(connectRegistry({ url }), 'StatusEvent', subjectOf(topic));
const producer = await kafka.producer();
const sender = randomBytes(6).toString('base64url');
const underWay = new Set<Promise<unknown>>();

async function send(records: readonly NewRecord[]): Promise<void> {
  const sent = producer.send(records).finally(() => underWay.delete(sent));
  underWay.add(sent);
  if (underWay.size >= UNDER_WAY) await Promise.race(underWay);
}

let batch: NewRecord[] = [];
for (let i = 0; i < Number(events) / EVENTS_OF_JOURNEY; i += 1) {
  for (const event of journey(i, Date.now(), sender)) {
    const source = `/whatsapp-stream/${event.origin === 'SENDER' ? 'sender' : 'callback-ingest'}`;
    const headers = cloudEventHeaders(event, source);
    batch.push({ topic, key: event.message_id, value: encoder.encode(event), headers });
  }
  if (batch.length < BATCH) continue;
  await send(batch);
  batch = [];
}
await send(batch);
await Promise.all(underWay);
await producer.close();
