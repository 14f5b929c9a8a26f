import type { AssignedPartition, ExclusiveConsumer, Kafka } from '@whatsapp-stream/kafka';
import type { Clock, Logger } from '@whatsapp-stream/service-kit';
import { MAX_HELD_FACTOR, type SenderConfig } from './config.ts';
import { createMemory } from './ledger/memory.ts';
import { createWriter } from './ledger/writer.ts';
import type { SenderMetrics } from './metrics.ts';
import { createCircuit } from './pacing/circuit.ts';
import { createGates } from './pacing/gates.ts';
import { createPace } from './pacing/pace.ts';
import type { Parts } from './parts.ts';
import { createRooms } from './rooms.ts';
import { startTerm, type Term } from './term.ts';
import { limitsFor } from './watchdog/stalls.ts';
import { createWatchdog } from './watchdog/watchdog.ts';

/** The sending half of the service: member of the group, and while it is the active one, a term. */
export interface Sending {
  start(): Promise<void>;
  /** What is under way ends and is recorded, offsets are committed, the group is left. */
  stop(): Promise<void>;
  /** What keeps it from sending, for people. */
  problems(): readonly string[];
  /** What makes no progress although nothing keeps it, for people: only a restart can help. */
  stalls(): readonly string[];
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
/** Of the 15 s that a stop may take, this much for calls under way and their outcomes. */
const DRAIN_WITHIN_MS = 12_000;

export function createSending(options: SendingOptions): Sending {
  const { config, kafka, appender, metrics, clock, log } = options;
  const windowMs = LIMIT_WINDOW_MS + config.PACE_GUARD_MS;
  const pace = createPace({ limit: config.VERIHUBS_MAX_RPS, windowMs });
  const circuit = createCircuit(CIRCUIT);
  const ahead = Math.ceil((config.VERIHUBS_MAX_RPS * WRITE_AHEAD_MS) / 1_000);
  /** Aborted when a stop has waited long enough: writes are given up. */
  const givenUp = new AbortController();
  let term: Term | undefined;
  let stopping = false;
  /** The epoch that this replica is the active one in; null where it is not. */
  let activeFor: number | null = null;
  let inGroup = false;

  const writer = createWriter({
    appender,
    statusTopic: config.STATUS_TOPIC,
    encoder: options.encoder,
    givenUp: givenUp.signal,
    onUnrecordable: (topic) => metrics.unrecordable.inc({ topic }),
    clock,
    log,
  });
  const { ledger, statusLog } = createMemory({
    config,
    kafka,
    append: writer.status,
    decoder: options.statusDecoder,
    onSkipped: (reason) => metrics.skippedEvents.inc({ reason }),
    onFailed: options.onFailed,
    clock,
    log,
  });
  const watchdog = createWatchdog({
    limits: limitsFor({ callTimeoutMs: config.VERIHUBS_TIMEOUT_MS, longestHoldMs: CIRCUIT.maxMs }),
    kafka,
    topics: config.SEND_TOPICS,
    isActive: () => activeFor !== null && consumer.holdsLease(activeFor),
    kafkaStruggles: writer.struggling,
    reading: statusLog.reading,
    clock,
    log,
  });

  function activate(epoch: number, assigned: readonly AssignedPartition[]): void {
    if (stopping) return;
    // Only its end is kept: a term that remembered the one before it would remember them all.
    const previousEnd = term?.finish();
    // Whoever was active before may have sent up to this moment.
    pace.holdUntil(clock.monotonic() + windowMs);
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
    metrics.active.set(1);
    activeFor = epoch;
    inGroup = true;
    watchdog.intake.activated(assigned);
    term = startTerm({
      epoch,
      assigned,
      gates: termGates,
      async recover(over) {
        await previousEnd;
        return statusLog.recover(assigned, over);
      },
      statusLog,
      rooms: (over) =>
        createRooms({ ...options, writer, circuit, ledger, statusLog, gates: termGates, over, isActive }),
      laneOf: laneOfTopic,
      consumer: watchdog.watched(consumer),
      enter: watchdog.whereabouts.enter,
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
        activeFor = null;
        inGroup = false;
        watchdog.intake.epochEnded();
        void term?.finish();
      },
      activated: activate,
      standingBy(epoch) {
        inGroup = true;
        log.info({ epoch }, 'standing by: another replica is active');
      },
      records(_epoch, records) {
        watchdog.intake.records(records);
        term?.received(records);
      },
      gap(gap) {
        watchdog.intake.gap(gap);
        if (gap.cause === 'filtered') return;
        metrics.lostOffsets.inc({ topic: gap.topic }, gap.to - gap.from);
        log.error(gap, 'records were deleted by retention before they were read: their messages are lost');
      },
      failed: options.onFailed,
    },
  );

  metrics.observe({ records: watchdog.whereabouts.all, topics: config.SEND_TOPICS, ledger, circuit });

  return {
    start() {
      watchdog.start();
      return consumer.start();
    },
    async stop() {
      stopping = true;
      watchdog.stop();
      const cancel = clock.after(DRAIN_WITHIN_MS, () => givenUp.abort());
      await term?.finish();
      cancel();
      await Promise.all([consumer.stop(), statusLog.close()]);
      await appender.drained();
      await options.producer.close();
      await options.caller.close();
    },
    stalls: watchdog.problems,
    problems: () => [
      ...(inGroup ? [] : ['not in the group yet, or not any more']),
      ...(activeFor !== null && !consumer.holdsLease(activeFor)
        ? ['the group coordinator does not answer']
        : []),
      ...(activeFor !== null && statusLog.reading() !== null ? ['reading the status log'] : []),
      ...(writer.struggling() ? ['Kafka does not acknowledge what is written'] : []),
      ...(circuit.reason === null ? [] : [`sending is held back: ${circuit.reason}`]),
    ],
  };
}
