import { KafkaWriteError, type NewRecord, type Producer, type RecordPosition } from './port.ts';

/** Writes single records at the throughput of batches. */
export interface Appender {
  /**
   * Like `Producer.send` for one record; rejects with its KafkaWriteError. One that is `tooLarge` speaks of this
   * record, whatever was in its batch. Records of a key are first written in the order in which they were
   * appended, as long as none is tried again while a later batch is under way.
   */
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
   * records into one batch of one partition. A batch above the topic's `max.message.bytes` is refused as a
   * whole, and its records are then written one by one.
   */
  readonly maxBatchBytes?: number;
  /** Requests under way at a time for one topic; what comes meanwhile makes the next batch. */
  readonly maxInFlight?: number;
}

/**
 * Gathers what is appended in one turn of the event loop, and what comes while requests are under way, into
 * one request: no added wait when idle, large batches under load.
 *
 * A request is for one topic, and each topic has its own: a request fails as a whole, so a topic that cannot be written
 * would take with it whatever happened to be gathered with its records, again and again.
 */
export function createAppender(producer: Pick<Producer, 'send'>, options: AppenderOptions = {}): Appender {
  const byTopic = new Map<string, Appender>();

  function ofTopic(topic: string): Appender {
    const known = byTopic.get(topic);
    if (known) return known;
    const appender = createTopicAppender(producer, options);
    byTopic.set(topic, appender);
    return appender;
  }

  return {
    append: (record) => ofTopic(record.topic).append(record),
    async drained() {
      await Promise.all([...byTopic.values()].map((appender) => appender.drained()));
    },
  };
}

function createTopicAppender(producer: Pick<Producer, 'send'>, options: AppenderOptions): Appender {
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
      await write(producer, batch);
    } catch (error) {
      if (batch.length > 1 && isTooLarge(error)) await writeSingly(producer, batch);
      else rejectAll(batch, error);
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

async function write(producer: Pick<Producer, 'send'>, batch: readonly Waiting[]): Promise<void> {
  const positions = await producer.send(batch.map(({ record }) => record));
  for (const [i, position] of positions.entries()) batch[i]?.resolve(position);
}

/**
 * Only what is too large by itself is rejected for it. One after the other, so that the order within a key stays;
 * other trouble ends it for the rest, which would run into the same, each for as long as a write is retried.
 * What the refused request wrote to other partitions is written a second time: the refusal does not name them.
 */
async function writeSingly(producer: Pick<Producer, 'send'>, batch: readonly Waiting[]): Promise<void> {
  for (const [i, one] of batch.entries()) {
    try {
      await write(producer, [one]);
    } catch (error) {
      if (!isTooLarge(error)) {
        rejectAll(batch.slice(i), error);
        return;
      }
      one.reject(error);
    }
  }
}

function rejectAll(batch: readonly Waiting[], error: unknown): void {
  for (const one of batch) one.reject(error);
}

function isTooLarge(error: unknown): boolean {
  return error instanceof KafkaWriteError && error.tooLarge;
}

/** In bytes, without framing. */
export function sizeOf({ key, value, headers }: NewRecord): number {
  let bytes = Buffer.byteLength(key ?? '') + (value?.length ?? 0);
  for (const name in headers) bytes += Buffer.byteLength(name) + Buffer.byteLength(headers[name] ?? '');
  return bytes;
}
