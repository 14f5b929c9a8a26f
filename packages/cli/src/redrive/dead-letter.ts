import type { Headers, KafkaRecord } from '@whatsapp-stream/kafka';
import { deadLetterId } from '@whatsapp-stream/schemas';

/** Where a dead letter came from, and why it is one. */
export interface DeadLetter {
  /** The topic that it stood in. */
  readonly topic: string;
  readonly reason: string;
  /** What its redrive answers: the same for the same origin, also if that was put aside twice. */
  readonly of: string;
}

const PREFIX = 'dlq_';

/** @returns null for a record whose headers do not tell where it came from */
export function deadLetterIn({ headers }: Pick<KafkaRecord, 'headers'>): DeadLetter | null {
  const { dlq_topic: topic, dlq_partition: partition, dlq_offset: offset, dlq_reason: reason } = headers;
  if (topic === undefined || partition === undefined || offset === undefined) return null;
  return { topic, reason: reason ?? '', of: deadLetterId({ topic, partition, offset }) };
}

/** The headers that the record had before it was put aside. */
export function headersBefore(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(PREFIX)));
}
