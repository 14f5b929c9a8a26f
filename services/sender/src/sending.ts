import type { AssignedPartition, ExclusiveConsumer, Kafka } from '@whatsapp-stream/kafka';
import { laneOf } from '@whatsapp-stream/schemas';
import type { Clock, Logger, SecretFiles } from '@whatsapp-stream/service-kit';
import { MAX_HELD_FACTOR, type SenderConfig, type senderSettings } from './config.ts';
import { createCredentials } from './delivery/credentials.ts';
import { createHearing } from './hearing.ts';
import { createQueues } from './lanes/queues.ts';
import { createMemory } from './ledger/memory.ts';
import { createWriter } from './ledger/writer.ts';
import type { SenderMetrics } from './metrics.ts';
import { createGates } from './pacing/gates.ts';
import { LIMIT_WINDOW_MS } from './pacing/regulator.ts';
import type { Parts } from './parts.ts';
import { createOriginals } from './redrive/originals.ts';
import { createRedriver } from './redrive/redriver.ts';
import { createRooms, tellVia } from './rooms.ts';
import { startTerm, type Term } from './term.ts';
import { createTraffic, LONGEST_HOLD_MS } from './traffic.ts';
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

/** Reads the secrets again that may change while the sender runs. */
export type Secrets = Pick<SecretFiles<typeof senderSettings>, 'VERIHUBS_APP_ID' | 'VERIHUBS_API_KEY'>;

export interface SendingOptions extends Parts {
  readonly config: SenderConfig;
  readonly secrets: Secrets;
  readonly kafka: Kafka;
  readonly metrics: SenderMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onFailed: (error: Error) => void;
}

/** How far messages are written ahead of their slot: what Kafka may take to acknowledge. */
const WRITE_AHEAD_MS = 100;
const MIN_AHEAD = 2;
const MAX_AHEAD = 1_000;
/** Of the 15 s that a stop may take, this much for calls under way and their outcomes. */
const DRAIN_WITHIN_MS = 12_000;
/** For what was given up to end. A call can take longer than all of that: it is in doubt for whoever is active next. */
const LEAVE_ANYWAY_MS = DRAIN_WITHIN_MS + 1_000;

export function createSending(options: SendingOptions): Sending {
  const { config, kafka, appender, metrics, clock, log } = options;
  const traffic = createTraffic({
    ...options,
    onDoorsChanged: () => term?.lookAgain(),
  });
  const { pace, circuit, doors, control, regulator } = traffic;
  const credentials = createCredentials({
    first: { appId: config.VERIHUBS_APP_ID, apiKey: config.VERIHUBS_API_KEY },
    files: { appId: options.secrets.VERIHUBS_APP_ID, apiKey: options.secrets.VERIHUBS_API_KEY },
    clock,
    log,
    onChanged() {
      circuit.tryNow(clock.monotonic());
      term?.lookAgain();
    },
  });
  const ahead = Math.ceil((config.VERIHUBS_MAX_RPS * WRITE_AHEAD_MS) / 1_000);
  /** Aborted when a stop has waited long enough: writes are given up. */
  const givenUp = new AbortController();
  let term: Term | undefined;
  let stopping = false;
  /** The epoch that this replica is the active one in; null where it is not. */
  let activeFor: number | null = null;
  let inGroup = false;
  /** The epoch whose term waits to begin. */
  let beginning: number | null = null;

  const isActive = () => activeFor !== null && consumer.holdsLease(activeFor);

  const writer = createWriter({
    appender,
    statusTopic: config.STATUS_TOPIC,
    encoder: options.encoder,
    givenUp: givenUp.signal,
    onUnrecordable: (topic) => metrics.unrecordable.inc({ topic }),
    clock,
    log,
  });
  const originals = createOriginals();
  const redriver = createRedriver({
    originals,
    statuses: config.RETRY_CALLBACKS,
    isActive,
    ledger: {
      mayBeTaken: (messageId, unit) => ledger.mayBeTaken(messageId, unit),
      failures: (messageId) => ledger.failures(messageId),
    },
    isCalledBack: (original) => traffic.cancelled(original) !== null,
    append: writer.redrive,
    tell: (original, fact) => tellVia(options, ledger)(original, fact),
    onDecided: (lane, decision) => metrics.redrives.inc({ lane, decision }),
    clock,
    random: Math.random,
  });
  const { ledger, statusLog } = createMemory({
    config,
    kafka,
    append: writer.status,
    decoder: options.statusDecoder,
    onLearnt: createHearing({ traffic, originals, redriver, clock }),
    onSkipped: (reason) => metrics.skippedEvents.inc({ reason }),
    onFailed: options.onFailed,
    clock,
    log,
  });
  const watchdog = createWatchdog({
    limits: limitsFor({ callTimeoutMs: config.VERIHUBS_TIMEOUT_MS, longestHoldMs: LONGEST_HOLD_MS }),
    kafka,
    topics: config.SEND_TOPICS,
    isActive,
    isHeld: () => regulator.at(clock.monotonic()).heldUntil > clock.monotonic(),
    isClosed: (topic) => !isOpen(topic),
    kafkaStruggles: writer.struggling,
    logStruggles: writer.logStruggling,
    reading: () => (beginning === null ? null : (statusLog.reading() ?? 0)),
    clock,
    log,
  });

  const queues = createQueues({
    kafka,
    group: config.SENDER_GROUP,
    topics: config.SEND_TOPICS,
    isActive,
    clock,
    log,
  });

  function activate(epoch: number, assigned: readonly AssignedPartition[]): void {
    if (stopping) return;
    // Only its end is kept: a term that remembered the one before it would remember them all.
    const previousEnd = term?.finish();
    // Whoever was active before may have sent up to this moment.
    const now = clock.monotonic();
    pace.holdUntil(now + LIMIT_WINDOW_MS + regulator.at(now).guardMs);
    const holdsLease = () => consumer.holdsLease(epoch);
    const termGates = createGates({
      shares: config.SEND_TOPICS.map((topic) => config.LANE_SHARES.of(laneOf(topic))),
      isOpen: doors.isOpen,
      ahead: Math.min(Math.max(ahead, MIN_AHEAD), MAX_AHEAD),
      maxCalls: config.VERIHUBS_MAX_CONNECTIONS,
      pace,
      circuit,
      isActive: holdsLease,
      clock,
    });
    metrics.active.set(1);
    activeFor = epoch;
    beginning = epoch;
    inGroup = true;
    watchdog.intake.activated(assigned);
    term = startTerm({
      epoch,
      assigned,
      gates: termGates,
      async recover(over) {
        await previousEnd;
        // An operator's word holds for who takes over, too.
        const recovered = (await control.caughtUp(over)) ? await statusLog.recover(assigned, over) : null;
        if (beginning === epoch) beginning = null;
        return recovered;
      },
      statusLog,
      rooms: (over) =>
        createRooms({
          ...options,
          ...{
            writer,
            traffic,
            credentials,
            originals,
            ledger,
            statusLog,
            gates: termGates,
            over,
            isActive: holdsLease,
          },
        }),
      laneOf: laneOfTopic,
      isOpen,
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

  const isOpen = (topic: string) => doors.isOpen(laneOfTopic(topic).laneIndex);

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
        beginning = null;
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

  metrics.observe({
    records: watchdog.whereabouts.all,
    topics: config.SEND_TOPICS,
    isOpen,
    queues: queues.seen,
    ledger,
    circuit,
    blocked: traffic.blocked,
    pace: () => {
      const { windowMs, guardMs, reason } = regulator.at(clock.monotonic());
      return { perSecond: (config.VERIHUBS_MAX_RPS / windowMs) * 1_000, guardMs, reason };
    },
  });

  return {
    start() {
      watchdog.start();
      doors.start();
      queues.start();
      return consumer.start();
    },
    async stop() {
      stopping = true;
      watchdog.stop();
      queues.stop();
      credentials.stop();
      const late = Promise.withResolvers<void>();
      const cancelDrain = clock.after(DRAIN_WITHIN_MS, () => givenUp.abort());
      const cancelLeave = clock.after(LEAVE_ANYWAY_MS, late.resolve);
      await Promise.race([term?.finish(), late.promise]);
      cancelDrain();
      cancelLeave();
      await Promise.all([consumer.stop(), statusLog.close(), traffic.stop()]);
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
