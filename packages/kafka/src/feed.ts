import type { Batch, Consumer, IHeaders, KafkaMessage } from 'kafkajs';
import type { Headers, KafkaRecord, OffsetGap, TopicPartition } from './port.ts';
import { createPositions, type Positions } from './positions.ts';
import { createRepeatedTexts } from './repeated-texts.ts';

/** kafkajs keeps the offset that a batch was fetched at, but leaves it out of its types. */
type FetchedBatch = Batch & { readonly fetchedOffset: string };

/** What kafkajs tells of each batch before it handles it; one of which nothing is left has size 0. */
export interface BatchNotice extends TopicPartition {
  readonly batchSize: number;
  /** Null when it held only records from before the offset that was asked for. */
  readonly firstOffset: string | null;
  readonly lastOffset: string;
}

export interface Feed {
  readonly positions: Positions;
  /** For `eachBatch`: hands the batch on if it is the next one. Only takes note. */
  take(batch: Batch, resolveOffset: (offset: string) => void): void;
  /** For START_BATCH_PROCESS: a batch of filtered records only is never handed to `eachBatch`. */
  notice(batch: BatchNotice): void;
}

export interface FeedOwner {
  /** Consecutive records; every offset is either in these or in a gap. */
  records(records: readonly KafkaRecord[]): void;
  /** Control records, and those of aborted transactions. */
  filtered(gap: Omit<OffsetGap, 'cause'>): void;
  /** kafkajs went on further ahead by itself. */
  jumped(gap: Omit<OffsetGap, 'cause'>): void;
  /** kafkajs hands on what it had fetched before a pause. */
  isPaused(key: string): boolean;
}

export const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/** Turns kafkajs' batches into consecutive records; see `positions.ts` for why that takes care. */
export function createFeed(consumer: Pick<Consumer, 'seek'>, owner: FeedOwner): Feed {
  const positions = createPositions();

  /** Moves from `from` to `to` if that is still where the partition is, and tells of it. */
  function skip(of: TopicPartition, from: number, to: number, tell: FeedOwner['filtered']): void {
    if (from >= to || positions.next(keyOf(of)) !== from) return;
    positions.advance(keyOf(of), to);
    tell({ topic: of.topic, partition: of.partition, from, to });
  }

  function hand(batch: Batch, start: number, resolveOffset: (offset: string) => void): void {
    const key = keyOf(batch);
    let next = start;
    for (const run of consecutive(batch.messages)) {
      skip(batch, next, run.first, owner.filtered);
      // The owner may have paused the partition, or its epoch may be over, since the run before.
      if (owner.isPaused(key) || positions.next(key) !== run.first) return;
      next = run.last + 1;
      positions.advance(key, next);
      resolveOffset(String(run.last));
      owner.records(run.messages.map((message) => toRecord(batch, message)));
    }
    skip(batch, next, Number(batch.lastOffset()) + 1, owner.filtered);
  }

  return {
    positions,
    take(batch, resolveOffset) {
      const { topic, partition, fetchedOffset } = batch as FetchedBatch;
      const start = Number(fetchedOffset);
      // Not resolved, it is fetched again once the partition is resumed.
      if (owner.isPaused(keyOf(batch))) return;
      const judgement = positions.judge(keyOf(batch), start);
      if (judgement.kind === 'drop') return;
      if (judgement.kind === 'seek') {
        consumer.seek({ topic, partition, offset: String(judgement.offset) });
        return;
      }
      if (judgement.kind === 'take-after-gap') skip(batch, judgement.from, start, owner.jumped);
      hand(batch, start, resolveOffset);
    },
    notice({ topic, partition, batchSize, firstOffset, lastOffset }) {
      if (batchSize > 0) return;
      skip({ topic, partition }, Number(firstOffset ?? lastOffset), Number(lastOffset) + 1, owner.filtered);
    },
  };
}

/**
 * A compressed batch can hold ten thousands of records. Between two runs their owner can pause the partition: what it
 * holds in memory is bounded by what it asked for, not by what a fetch brings.
 */
const MAX_RUN = 200;

interface Run {
  readonly first: number;
  last: number;
  readonly messages: KafkaMessage[];
}

function consecutive(messages: readonly KafkaMessage[]): readonly Run[] {
  const runs: Run[] = [];
  for (const message of messages) {
    const offset = Number(message.offset);
    const run = runs.at(-1);
    if (run && run.last + 1 === offset && run.messages.length < MAX_RUN) {
      run.last = offset;
      run.messages.push(message);
    } else {
      runs.push({ first: offset, last: offset, messages: [message] });
    }
  }
  return runs;
}

const values = createRepeatedTexts();

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
  const texts: Record<string, string | undefined> = {};
  let place = 0;
  for (const name in headers) {
    const value = headers[name];
    const last = Array.isArray(value) ? value.at(-1) : value;
    texts[name] = Buffer.isBuffer(last) ? values.at(place, last) : (last ?? undefined);
    place += 1;
  }
  return texts;
}
