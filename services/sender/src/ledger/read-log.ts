import type { AssignedPartition, Kafka } from '@whatsapp-stream/kafka';
import type { Decoder, StatusEvent } from '@whatsapp-stream/schemas';
import { type Clock, type Logger, sleep } from '@whatsapp-stream/service-kit';
import { type Follower, followStatusLog } from './follower.ts';
import type { Ledger } from './ledger.ts';
import type { LogPositions } from './log-positions.ts';
import { type AttemptedOffsets, createAttemptedOffsets, whereToRecoverFrom } from './recover.ts';

/** The log has been read to its end as it stood, and is followed from there. */
export interface Recovered {
  readonly follower: Follower;
  /** From where it was read. */
  readonly logStart: LogPositions;
  /** How far earlier terms had come. */
  readonly attempted: AttemptedOffsets;
}

export interface LogReaderOptions {
  readonly kafka: Kafka;
  readonly statusTopic: string;
  readonly decoder: Decoder<StatusEvent>;
  readonly ledger: Pick<Ledger, 'learn' | 'forgetUnsettled' | 'size'>;
  readonly onSkipped: (reason: string) => void;
  readonly onFailed: (error: Error) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const RETRY_MS = 1_000;

/** @returns a function that reads the log for a new term; null when `over` is aborted first. A broker that is away is waited for. */
export function createLogReader(
  options: LogReaderOptions,
): (assigned: readonly AssignedPartition[], over: AbortSignal) => Promise<Recovered | null> {
  const { clock, log } = options;
  return async (assigned, over) => {
    while (!over.aborted) {
      try {
        return await readLog(options, assigned, over);
      } catch (error) {
        log.warn({ err: error }, 'the status log cannot be read, trying again');
        await sleep(clock, RETRY_MS, over);
      }
    }
    return null;
  };
}

async function readLog(
  options: LogReaderOptions,
  assigned: readonly AssignedPartition[],
  over: AbortSignal,
): Promise<Recovered> {
  const { kafka, statusTopic, ledger, clock, log } = options;
  const started = clock.monotonic();
  const attempted = createAttemptedOffsets();
  const admin = await kafka.admin();
  try {
    ledger.forgetUnsettled();
    const logStart = await whereToRecoverFrom(admin, statusTopic, assigned, clock.now());
    const follower = await follow(options, logStart, attempted);
    try {
      const ends = await admin.offsets(statusTopic);
      await follower.reach(new Map([...ends].map(([partition, { high }]) => [partition, high])), over);
    } catch (error) {
      await follower.close();
      throw error;
    }
    attempted.complete();
    const tookMs = Math.round(clock.monotonic() - started);
    log.info({ tookMs, remembered: ledger.size() }, 'the status log is read');
    return { follower, logStart, attempted };
  } finally {
    await admin.close();
  }
}

function follow(
  options: LogReaderOptions,
  from: LogPositions,
  attempted: AttemptedOffsets,
): Promise<Follower> {
  const { kafka, statusTopic, decoder, ledger, onSkipped, onFailed, clock, log } = options;
  return followStatusLog({
    kafka,
    topic: statusTopic,
    from,
    decoder,
    learn(event, record) {
      attempted.note(record);
      ledger.learn(event);
    },
    onSkipped,
    onGap: (gap) => log.error(gap, 'part of the status log is gone: what it said of attempts is not known'),
    onFailed,
    clock,
    log,
  });
}
