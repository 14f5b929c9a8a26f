import type { NewRecord, Producer, RecordPosition } from './port.ts';

/** Writes single records at the throughput of batches. */
export interface Appender {
  /** Like `Producer.send` for one record; rejects with its KafkaWriteError. */
  append(record: NewRecord): Promise<RecordPosition>;
  /** Resolves when nothing waits or is under way. */
  drained(): Promise<void>;
}

interface Waiting {
  readonly record: NewRecord;
  resolve(position: RecordPosition): void;
  reject(error: unknown): void;
}

export interface AppenderOptions {
  readonly maxBatchRecords?: number;
  /**
   * Of keys, values and headers together; a single record above it goes alone. A request can put all its
   * records into one batch of one partition, and a batch above the topic's `max.message.bytes` is refused as
   * a whole.
   */
  readonly maxBatchBytes?: number;
  /** Requests under way at a time; what comes meanwhile makes the next batch. */
  readonly maxInFlight?: number;
}

/**
 * Gathers what is appended in one turn of the event loop, and what comes while requests are under way, into
 * one request: no added wait when idle, large batches under load.
 */
export function createAppender(producer: Pick<Producer, 'send'>, options: AppenderOptions = {}): Appender {
  const { maxBatchRecords = 1_000, maxBatchBytes = 512 * 1024, maxInFlight = 2 } = options;
  const waiting: Waiting[] = [];
  let inFlight = 0;
  let scheduled = false;
  let idle: PromiseWithResolvers<void> | undefined;

  function nextBatch(): readonly Waiting[] {
    let count = 0;
    let bytes = 0;
    for (const { record } of waiting) {
      bytes += sizeOf(record);
      if (count > 0 && (count === maxBatchRecords || bytes > maxBatchBytes)) break;
      count += 1;
    }
    return waiting.splice(0, count);
  }

  function flush(): void {
    while (waiting.length > 0 && inFlight < maxInFlight) void send(nextBatch());
    if (waiting.length === 0 && inFlight === 0) {
      idle?.resolve();
      idle = undefined;
    }
  }

  async function send(batch: readonly Waiting[]): Promise<void> {
    inFlight += 1;
    try {
      const positions = await producer.send(batch.map(({ record }) => record));
      for (const [i, position] of positions.entries()) batch[i]?.resolve(position);
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
    inFlight -= 1;
    flush();
  }

  return {
    append(record) {
      return new Promise((resolve, reject) => {
        waiting.push({ record, resolve, reject });
        if (!scheduled) {
          scheduled = true;
          setImmediate(() => {
            scheduled = false;
            flush();
          });
        }
      });
    },
    drained() {
      if (waiting.length === 0 && inFlight === 0) return Promise.resolve();
      idle ??= Promise.withResolvers();
      return idle.promise;
    },
  };
}

function sizeOf({ key, value, headers = {} }: NewRecord): number {
  const texts = Object.entries(headers).flat();
  return texts.reduce(
    (bytes, text) => bytes + Buffer.byteLength(text ?? ''),
    Buffer.byteLength(key ?? '') + (value?.length ?? 0),
  );
}
