/**
 * A member of a group as a process of its own, to be killed: writes the id of each event that it has been handed, one a
 * line, and acknowledges it. Its environment names the stack, the topic and the group.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createSubscriber } from '@whatsapp-stream/client';
import { connectRegistry } from '@whatsapp-stream/schemas';

const { KAFKA_BROKERS = '', SCHEMA_REGISTRY_URL = '', TOPIC = '', GROUP = '', WORK_MS = '0' } = process.env;

const subscriber = createSubscriber({
  brokers: KAFKA_BROKERS.split(','),
  registry: connectRegistry({ url: SCHEMA_REGISTRY_URL }),
  topics: { status: TOPIC },
  group: GROUP,
  from: 'beginning',
  sessionTimeoutMs: 6_000,
});
await subscriber.run({
  async onEvent({ event_id }) {
    await sleep(Number(WORK_MS));
    process.stdout.write(`${event_id}\n`);
  },
});
