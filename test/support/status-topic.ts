import { randomUUID } from 'node:crypto';
import { SchemaRegistry as ConfluentRegistry } from '@kafkajs/confluent-schema-registry';
import {
  createEncoder,
  type NewStatusEvent,
  newStatusEvent,
  SCHEMA_TEXTS,
  type Status,
  subjectOf,
} from '@whatsapp-stream/schemas';
import type { Commands } from './commands.ts';

/** A status topic of a test's own, and what is written to it in the place of sender and callback-ingest. */
export interface StatusTopic {
  readonly topic: string;
  /** For programs that are to read it. */
  readonly env: NodeJS.ProcessEnv;
  /** Writes one event for each status, in this order, and returns their `event_id`s. */
  write(messageId: string, statuses: readonly Status[]): Promise<readonly string[]>;
  /** Writes bytes that may be anything. */
  writeBytes(key: string, value: Buffer | null): Promise<void>;
  /** Writes an event as a version of the schema would have it that has a further status and a further field. */
  writeNewer(messageId: string): Promise<void>;
}

export async function ownStatusTopic(commands: Commands): Promise<StatusTopic> {
  const { kafka, registry, registryUrl } = commands;
  const names = await commands.ownTopics();
  const topic = names.status;

  async function writeBytes(key: string, value: Buffer | null): Promise<void> {
    const producer = await kafka.producer();
    await producer.send([{ topic, key, value }]).finally(() => producer.close());
  }

  return {
    topic,
    env: commands.environment(names),
    writeBytes,
    async write(messageId, statuses) {
      const encoder = await createEncoder(registry, 'StatusEvent', subjectOf(topic));
      const events = statuses.map((status) => eventOf(messageId, status));
      const producer = await kafka.producer();
      const records = events.map((event) => ({ topic, key: messageId, value: encoder.encode(event) }));
      await producer.send(records).finally(() => producer.close());
      return events.map(({ event_id }) => event_id);
    },
    async writeNewer(messageId) {
      const { id } = await registry.register(`${topic}-newer-value`, newerSchema());
      const event = { ...eventOf(messageId, 'UNKNOWN'), status: 'FORWARDED', forwarded_by: 'somebody' };
      await writeBytes(messageId, await new ConfluentRegistry({ host: registryUrl }).encode(id, event));
    },
  };
}

function eventOf(messageId: string, status: Status) {
  const event: NewStatusEvent = {
    event_id: randomUUID(),
    message_id: messageId,
    status,
    origin: status === 'ATTEMPTED' || status === 'ACCEPTED' ? 'SENDER' : 'CALLBACK',
    occurred_at: Date.now(),
  };
  return newStatusEvent({ ...event, metadata: { order: 'a=7' } });
}

function newerSchema(): string {
  const schema = JSON.parse(SCHEMA_TEXTS.StatusEvent);
  for (const { name, type } of schema.fields) if (name === 'status') type.symbols.push('FORWARDED');
  schema.fields.push({ name: 'forwarded_by', type: 'string', default: '' });
  return JSON.stringify(schema);
}
