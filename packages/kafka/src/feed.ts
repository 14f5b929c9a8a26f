import type { Batch, Consumer, IHeaders, KafkaMessage } from 'kafkajs';
import type { Headers, KafkaRecord, OffsetGap, TopicPartition } from './port.ts';
import { createPositions, type Positions } from './positions.ts';

/** kafkajs keeps the offset that a batch was fetched at, but leaves it out of its types. */
type FetchedBatch = Batch & { readonly fetchedOffset: string };

export interface Feed {
  readonly positions: Positions;
  /** For `eachBatch`: hands the batch on if it is the next one. Only takes note; never throws. */
  take(batch: Batch, resolveOffset: (offset: string) => void): void;
}

export const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/** Turns kafkajs' batches into consecutive records; see `positions.ts` for why that takes care. */
export function createFeed(
  consumer: Pick<Consumer, 'seek'>,
  deliver: (records: readonly KafkaRecord[]) => void,
  onGap: (gap: Omit<OffsetGap, 'cause'>) => void,
): Feed {
  const positions = createPositions();
  return {
    positions,
    take(batch, resolveOffset) {
      const { topic, partition, fetchedOffset } = batch as FetchedBatch;
      const key = keyOf(batch);
      const judgement = positions.judge(key, Number(fetchedOffset));
      if (judgement.kind === 'drop') return;
      if (judgement.kind === 'seek') {
        consumer.seek({ topic, partition, offset: String(judgement.offset) });
        return;
      }
      if (judgement.kind === 'take-after-gap') {
        onGap({ topic, partition, from: judgement.from, to: Number(fetchedOffset) });
      }
      positions.advance(key, Number(batch.lastOffset()) + 1);
      const last = batch.messages.at(-1);
      if (last) resolveOffset(last.offset);
      deliver(batch.messages.map((message) => toRecord(batch, message)));
    },
  };
}

function toRecord({ topic, partition }: TopicPartition, message: KafkaMessage): KafkaRecord {
  return {
    topic,
    partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: toHeaders(message.headers),
  };
}

function toHeaders(headers: IHeaders | undefined): Headers {
  if (!headers) return {};
  const texts: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(headers)) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    texts[name] = last?.toString();
  }
  return texts;
}
