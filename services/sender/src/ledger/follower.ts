import type { Kafka, KafkaRecord, OffsetGap, TopicReader } from '@whatsapp-stream/kafka';
import type { Decoded, Decoder, StatusEvent } from '@whatsapp-stream/schemas';
import { type Clock, type Logger, sleep } from '@whatsapp-stream/service-kit';
import type { LogPositions } from './log-positions.ts';

/** Reads the status log from somewhere on, for as long as it is not closed. */
export interface Follower {
  /** The next position of each partition. */
  positions(): LogPositions;
  /** Resolves when everything below `ends` was read and learnt; false when it was closed or `signal` aborted first. */
  reach(ends: LogPositions, signal: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

export interface FollowerOptions {
  readonly kafka: Pick<Kafka, 'readTopic'>;
  readonly topic: string;
  readonly from: LogPositions;
  readonly decoder: Decoder<StatusEvent>;
  readonly learn: (event: StatusEvent, record: KafkaRecord) => void;
  /** A record that is no status event; it is counted, and the fold goes on. */
  readonly onSkipped: (code: string) => void;
  readonly onGap: (gap: OffsetGap) => void;
  readonly onFailed: (error: Error) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const REACH_POLL_MS = 20;
const REGISTRY_RETRY_MS = 1_000;

export async function followStatusLog(options: FollowerOptions): Promise<Follower> {
  const { kafka, topic, from, decoder, learn, onSkipped, onGap, onFailed, clock, log } = options;
  const closed = new AbortController();
  /** Records whose schema is being asked for. They may be learnt late: the fold knows no order. */
  let undecided = 0;

  function settle(record: KafkaRecord, decoded: Decoded<StatusEvent>): void {
    if (decoded.ok) learn(decoded.value, record);
    else onSkipped(decoded.code);
  }

  async function decideLater(record: KafkaRecord, decoding: Promise<Decoded<StatusEvent>>): Promise<void> {
    undecided += 1;
    let pending: typeof decoding | undefined = decoding;
    while (!closed.signal.aborted) {
      try {
        settle(record, await (pending ?? decoder.decode(record.value)));
        break;
      } catch (error) {
        pending = undefined;
        log.warn({ err: error }, 'the registry is away: a status event waits to be read');
        await sleep(clock, REGISTRY_RETRY_MS, closed.signal);
      }
    }
    undecided -= 1;
  }

  function take(records: readonly KafkaRecord[]): void {
    for (const record of records) {
      const decoded = decoder.decode(record.value);
      if (decoded instanceof Promise) void decideLater(record, decoded);
      else settle(record, decoded);
    }
  }

  const reader: TopicReader = await kafka.readTopic(topic, from, {
    records: take,
    gap: onGap,
    failed: onFailed,
  });
  return {
    positions: () => reader.positions(),
    async reach(ends, signal) {
      while (!signal.aborted && !closed.signal.aborted) {
        const positions = reader.positions();
        const read = [...ends].every(([partition, end]) => (positions.get(partition) ?? 0) >= end);
        if (read && undecided === 0) return true;
        await sleep(clock, REACH_POLL_MS, signal);
      }
      return false;
    },
    async close() {
      closed.abort();
      await reader.close();
    },
  };
}
