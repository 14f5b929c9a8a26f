import type { AssignedPartition, ExclusiveConsumer, Kafka, NewRecord } from '@whatsapp-stream/kafka';
import { type Clock, type Logger, sleep } from '@whatsapp-stream/service-kit';
import type { Parts } from './app.ts';
import { MAX_HELD_FACTOR, type SenderConfig } from './config.ts';
import { type Follower, followStatusLog } from './ledger/follower.ts';
import { createLedger } from './ledger/ledger.ts';
import type { LogPositions } from './ledger/log-positions.ts';
import { type AttemptedOffsets, createAttemptedOffsets, whereToRecoverFrom } from './ledger/recover.ts';
import type { SenderMetrics } from './metrics.ts';
import { createCircuit } from './pacing/circuit.ts';
import { createGates, type Gates } from './pacing/gates.ts';
import { createPace } from './pacing/pace.ts';
import { createRooms } from './rooms.ts';
import { type Recovered, startTerm, type Term } from './term.ts';

/** The sending half of the service: member of the group, and while it is the active one, a term. */
export interface Sending {
  start(): Promise<void>;
  /** What is under way ends and is recorded, offsets are committed, the group is left. */
  stop(): Promise<void>;
  /** What keeps it from sending, for people. */
  problems(): readonly string[];
}

export interface SendingOptions extends Parts {
  readonly config: SenderConfig;
  readonly kafka: Kafka;
  readonly metrics: SenderMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onFailed: (error: Error) => void;
}

/** Verihubs counts its limit by the second. */
const LIMIT_WINDOW_MS = 1_000;
/** How far messages are written ahead of their slot: what Kafka may take to acknowledge. */
const WRITE_AHEAD_MS = 100;
const MIN_AHEAD = 2;
const MAX_AHEAD = 1_000;
const CIRCUIT = { firstMs: 1_000, maxMs: 60_000 };
const WRITE_RETRY_MS = 250;
const RECOVER_RETRY_MS = 1_000;
/** Of the 15 s that a stop may take, this much for calls under way and their outcomes. */
const DRAIN_WITHIN_MS = 12_000;

export function createSending(options: SendingOptions): Sending {
  const { config, kafka, appender, encoder, metrics, clock, log } = options;
  const windowMs = LIMIT_WINDOW_MS + config.PACE_GUARD_MS;
  const pace = createPace({ limit: config.VERIHUBS_MAX_RPS, windowMs });
  const circuit = createCircuit(CIRCUIT);
  const ahead = Math.ceil((config.VERIHUBS_MAX_RPS * WRITE_AHEAD_MS) / 1_000);
  /** Aborted when a stop has waited long enough: writes are given up. */
  const givenUp = new AbortController();
  let term: Term | undefined;
  let gates: Gates | undefined;
  let stopping = false;

  const ledger = createLedger({
    append: (event, headers) =>
      append({ topic: config.STATUS_TOPIC, key: event.message_id, value: encoder.encode(event), headers }),
    clock,
    dedupeWindowMs: config.DEDUPE_WINDOW_MS,
    dedupeMaxMessages: config.DEDUPE_MAX_MESSAGES,
  });

  /** A write whose answer was lost is written again: it carries the same `event_id`. */
  async function append(record: NewRecord): Promise<boolean> {
    while (!givenUp.signal.aborted) {
      try {
        await appender.append(record);
        return true;
      } catch (error) {
        log.warn({ err: error, topic: record.topic }, 'a record was not acknowledged, writing it again');
        await sleep(clock, WRITE_RETRY_MS, givenUp.signal);
      }
    }
    return false;
  }

  /** Tries until it succeeds: a broker that is away at a take-over is waited for. */
  async function recover(
    assigned: readonly AssignedPartition[],
    over: AbortSignal,
  ): Promise<Recovered | null> {
    while (!over.aborted) {
      try {
        return await readLog(assigned, over);
      } catch (error) {
        log.warn({ err: error }, 'the status log cannot be read, trying again');
        await sleep(clock, RECOVER_RETRY_MS, over);
      }
    }
    return null;
  }

  async function readLog(assigned: readonly AssignedPartition[], over: AbortSignal): Promise<Recovered> {
    const started = clock.monotonic();
    const attempted = createAttemptedOffsets();
    const admin = await kafka.admin();
    try {
      ledger.forgetUnsettled();
      const logStart = await whereToRecoverFrom(admin, config.STATUS_TOPIC, assigned, clock.now());
      const follower = await follow(logStart, attempted);
      try {
        const ends = await admin.offsets(config.STATUS_TOPIC);
        await follower.reach(new Map([...ends].map(([partition, { high }]) => [partition, high])), over);
      } catch (error) {
        await follower.close();
        throw error;
      }
      attempted.complete();
      // Whoever was active before may have sent up to this moment.
      pace.holdUntil(clock.monotonic() + windowMs);
      const tookMs = Math.round(clock.monotonic() - started);
      log.info({ tookMs, remembered: ledger.size() }, 'the status log is read: sending');
      return { follower, logStart, attempted };
    } finally {
      await admin.close();
    }
  }

  function follow(from: LogPositions, attempted: AttemptedOffsets): Promise<Follower> {
    return followStatusLog({
      kafka,
      topic: config.STATUS_TOPIC,
      from,
      decoder: options.statusDecoder,
      learn(event, record) {
        attempted.note(record);
        ledger.learn(event);
      },
      onSkipped: (reason) => metrics.skippedEvents.inc({ reason }),
      onGap: (gap) => log.error(gap, 'part of the status log is gone: what it said of attempts is not known'),
      onFailed: options.onFailed,
      clock,
      log,
    });
  }

  function activate(epoch: number, assigned: readonly AssignedPartition[]): void {
    if (stopping) return;
    const previous = term;
    const isActive = () => consumer.holdsLease(epoch);
    const termGates = createGates({
      lanes: options.lanes.size,
      ahead: Math.min(Math.max(ahead, MIN_AHEAD), MAX_AHEAD),
      maxCalls: config.VERIHUBS_MAX_CONNECTIONS,
      pace,
      circuit,
      isActive,
      clock,
    });
    gates = termGates;
    metrics.active.set(1);
    term = startTerm({
      epoch,
      assigned,
      gates: termGates,
      recover: async (over) => {
        await previous?.finish();
        return recover(assigned, over);
      },
      rooms: (over) => createRooms({ ...options, append, circuit, ledger, gates: termGates, over, isActive }),
      laneOf: laneOfTopic,
      consumer,
      bounds: {
        maxUnfinished: config.INTAKE_MAX_RECORDS,
        maxHeld: config.INTAKE_MAX_RECORDS * MAX_HELD_FACTOR,
      },
      onFailed: options.onFailed,
      clock,
      log,
    });
  }

  function laneOfTopic(topic: string) {
    const lane = options.lanes.get(topic);
    if (!lane) throw new Error(`${topic} is no lane`);
    return lane;
  }

  const consumer: ExclusiveConsumer = kafka.exclusiveConsumer(
    {
      group: config.SENDER_GROUP,
      topics: config.SEND_TOPICS,
      sessionTimeoutMs: config.SENDER_SESSION_TIMEOUT_MS,
    },
    {
      epochEnded() {
        metrics.active.set(0);
        void term?.finish();
      },
      activated: activate,
      standingBy: (epoch) => log.info({ epoch }, 'standing by: another replica is active'),
      records: (_epoch, records) => term?.received(records),
      gap(gap) {
        if (gap.cause === 'filtered') return;
        metrics.lostOffsets.inc({ topic: gap.topic }, gap.to - gap.from);
        log.error(gap, 'records were deleted by retention before they were read: their messages are lost');
      },
      failed: options.onFailed,
    },
  );

  metrics.observe({ gates: () => gates?.depth(), lanes: [...options.lanes.values()], ledger, circuit });

  return {
    start: () => consumer.start(),
    async stop() {
      stopping = true;
      const cancel = clock.after(DRAIN_WITHIN_MS, () => givenUp.abort());
      await term?.finish();
      cancel();
      await consumer.stop();
      await appender.drained();
      await options.producer.close();
      await options.caller.close();
    },
    problems: () => (circuit.reason === null ? [] : [`sending is held back: ${circuit.reason}`]),
  };
}
