import type { KafkaConfig, Logger } from 'kafkajs';
import type { KafkaRecord, OffsetRange, ReadRangeOptions } from '../port.ts';
import { createFetching } from './fetching.ts';
import { type Progress, progressOf } from './progress.ts';
import { runsOf } from './runs.ts';
import { openSource, type Source } from './source.ts';

/** What kafkajs' clients are made with. */
export interface ClientSettings {
  readonly settings: KafkaConfig;
  readonly logger: Logger;
}

/** Reads parts of a topic once, as a member of no group; see `Kafka.readRange` for what it promises. */
export async function* readRange(
  { settings, logger }: ClientSettings,
  topic: string,
  ranges: ReadonlyMap<number, OffsetRange>,
  { signal, gap = () => undefined }: ReadRangeOptions = {},
): AsyncGenerator<readonly KafkaRecord[], void, void> {
  signal?.throwIfAborted();
  const progresses = [...ranges].map(([partition, range]) => progressOf(partition, range));
  if (progresses.every(({ state }) => state === 'done')) return;
  const source = await unlessAborted(openSource(settings, logger, topic), signal);
  const fetching = createFetching({ source, topic, progresses, signal, nowMs: () => performance.now() });
  try {
    checkPartitions(source, topic, progresses);
    while (!fetching.isDone()) {
      for (const brought of await fetching.next()) {
        if (brought.kind === 'gap') {
          gap(brought.gap);
          continue;
        }
        for await (const run of runsOf(brought.part, gap)) {
          signal?.throwIfAborted();
          yield run;
        }
      }
    }
  } finally {
    fetching.close();
    await source.close();
  }
}

/** kafkajs cannot be stopped while it connects: a source that is opened too late is closed again. */
async function unlessAborted(opening: Promise<Source>, signal: AbortSignal | undefined): Promise<Source> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => {
    opening.then(
      (source) => source.close(),
      () => undefined,
    );
    aborted.reject(signal?.reason);
  };
  signal?.addEventListener('abort', onAbort);
  try {
    return await Promise.race([opening, aborted.promise]);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

function checkPartitions(
  source: Pick<Source, 'leaders'>,
  topic: string,
  progresses: readonly Progress[],
): void {
  const partitions = progresses.map(({ partition }) => partition);
  const known = new Set([...source.leaders(partitions).values()].flat());
  const missing = partitions.filter((partition) => !known.has(partition));
  if (missing.length > 0) throw new Error(`the topic ${topic} has no partition ${missing.join(', ')}`);
}
