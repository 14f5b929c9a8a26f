/** kafkajs as it comes, which only fetches and counts: `fetch-only.ts TOPIC EVENTS`. */
import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';

const [topic = '', events = '0'] = process.argv.slice(2);
const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
const kafka = new Kafka({ brokers, clientId: 'bench-fetch', logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({ groupId: `bench-${randomUUID()}`, allowAutoTopicCreation: false });
const done = Promise.withResolvers<void>();
let count = 0;
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachBatch: async ({ batch }) => {
    count += batch.messages.length;
    if (count >= Number(events)) done.resolve();
  },
});
await done.promise;
process.stderr.write(`${count} events\n`);
process.exit(0);
