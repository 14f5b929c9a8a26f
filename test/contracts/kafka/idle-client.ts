/**
 * A process of its own, so that nothing else's CPU is counted: connects a consumer, a topic reader and a producer,
 * lets them idle, and prints how many ms of CPU they took meanwhile.
 *
 * Arguments: the brokers, a topic, a group, and for how many ms to idle.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafka } from '@whatsapp-stream/kafka';

const SETTLE_MS = 1_000;
const [brokers = '', topic = '', group = '', idleMs = ''] = process.argv.slice(2);
const none = () => undefined;
const kafka = createKafka({
  brokers: brokers.split(','),
  clientId: 'idle',
  log: { debug: none, info: none, warn: none, error: none },
});

const producer = await kafka.producer();
await producer.send([{ topic, key: 'k', value: null }]);
const received = Promise.withResolvers<void>();
const consumer = kafka.exclusiveConsumer(
  { group, topics: [topic], sessionTimeoutMs: 10_000 },
  {
    epochEnded: none,
    standingBy: none,
    gap: none,
    activated: (_epoch, partitions) => {
      for (const partition of partitions) consumer.resume(partition);
    },
    records: () => received.resolve(),
    failed: received.reject,
  },
);
await consumer.start();
await received.promise;
const reader = await kafka.readTopic(topic, 'end', { records: none, failed: received.reject });

await sleep(SETTLE_MS);
const before = process.cpuUsage();
await sleep(Number(idleMs));
const { user, system } = process.cpuUsage(before);
process.stdout.write(`${(user + system) / 1_000}\n`);
await Promise.all([consumer.stop(), reader.close(), producer.close()]);
