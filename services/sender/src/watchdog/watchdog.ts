import {
  type Admin,
  type AssignedPartition,
  type ExclusiveConsumer,
  endsOf,
  type KafkaRecord,
  type OffsetGap,
  offsetsOf,
  withAdmin,
} from '@whatsapp-stream/kafka';
import type { Clock, Logger } from '@whatsapp-stream/service-kit';
import { type Blocked, createArrivals, type Ends } from './arrivals.ts';
import { createCommitJudge } from './commits.ts';
import { createStallJudge, type Limits, type Stall } from './stalls.ts';
import { createTakeOverJudge } from './take-over.ts';
import { createWhereabouts, type Whereabouts } from './whereabouts.ts';

/** Notices when there is work and no progress: a stable group and flowing heartbeats do not show that. */
export interface Watchdog {
  readonly whereabouts: Pick<Whereabouts, 'enter' | 'all'>;
  /** What comes in, as the group's consumer tells it. */
  readonly intake: {
    activated(assigned: readonly AssignedPartition[]): void;
    epochEnded(): void;
    /** Consecutive records of one partition. */
    records(records: readonly KafkaRecord[]): void;
    gap(gap: OffsetGap): void;
  };
  /** The same consumer; what is paused, resumed and committed through it is taken note of. */
  watched<C extends Watched>(consumer: C): C;
  /** What makes no progress, for people; no more than a second old. Empty is well. */
  problems(): readonly string[];
  start(): void;
  stop(): void;
}

export interface WatchdogOptions {
  readonly limits: Limits;
  readonly kafka: AsksKafka;
  readonly topics: readonly string[];
  /** Whether this process is surely the active sender. */
  readonly isActive: () => boolean;
  readonly kafkaStruggles: () => boolean;
  readonly logStruggles: () => boolean;
  /** Whether Verihubs has asked to be left alone for a time that is not over. */
  readonly isHeld: () => boolean;
  /** Whether the lane of a topic is closed. */
  readonly isClosed: (topic: string) => boolean;
  /** How far the status log has been read while a term waits to begin; null while none does. */
  readonly reading: () => number | null;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error' | 'info' | 'warn'>;
}

interface AsksKafka {
  admin(): Promise<Pick<Admin, 'offsets' | 'close'>>;
}

type Watched = Pick<ExclusiveConsumer, 'pause' | 'resume' | 'commit'>;

const LOOK_EVERY_MS = 1_000;
const ASK_EVERY_MS = 60_000;

export function createWatchdog(options: WatchdogOptions): Watchdog {
  const { isActive, kafkaStruggles, logStruggles, reading, clock, log } = options;
  const whereabouts = createWhereabouts();
  const judge = createStallJudge(whereabouts, options.limits);
  const arrivals = createArrivals();
  const takeOver = createTakeOverJudge();
  const commits = createCommitJudge();
  let stalls: readonly Stall[] = [];
  let blocked: readonly Blocked[] = [];
  let told = '';
  let inEpoch = false;
  let stopped = true;
  let cancelLook = () => {};
  let cancelAsk = () => {};

  function look(): void {
    const world = {
      now: clock.monotonic(),
      active: isActive(),
      kafkaStruggles: kafkaStruggles(),
      logStruggles: logStruggles(),
      held: options.isHeld(),
      isClosed: options.isClosed,
    };
    stalls = judge.look(world);
    takeOver.look(world, reading());
    commits.look(world);
    tellChange();
    cancelLook = clock.after(LOOK_EVERY_MS, look);
  }

  async function ask(): Promise<void> {
    blocked = arrivals.look(await laneEnds());
    tellChange();
    if (!stopped) cancelAsk = clock.after(ASK_EVERY_MS, ask);
  }

  /** @returns nothing where there is nobody to be asked, or nothing to be asked for */
  async function laneEnds(): Promise<Ends> {
    if (!isActive()) return new Map();
    try {
      return await askEnds(options.kafka, options.topics);
    } catch (error) {
      log.warn({ err: error }, 'the ends of the lanes are not known at the moment');
      return new Map();
    }
  }

  function tellChange(): void {
    if (stopped) return;
    const now = [...[...stalls, ...blocked].map(nameOf), ...standstills()].join(' ');
    if (now === told) return;
    told = now;
    if (now === '') log.info('there is progress again');
    else
      log.error({ problems: problems() }, 'there is work and no progress: this process should be restarted');
  }

  const standstills = () => [...takeOver.problems(), ...commits.problems()];
  const problems = () => [...stalls.map(describeStall), ...blocked.map(describeBlocked), ...standstills()];

  return {
    whereabouts,
    intake: {
      activated(assigned) {
        inEpoch = true;
        arrivals.begin(assigned);
      },
      epochEnded() {
        inEpoch = false;
        arrivals.end();
        commits.epochEnded();
        blocked = [];
      },
      records(records) {
        const last = records.at(-1);
        if (last) arrivals.reached(last, last.offset + 1);
      },
      gap: (gap) => arrivals.reached(gap, gap.to),
    },
    watched: (consumer) => ({
      ...consumer,
      pause(partition) {
        arrivals.paused(partition);
        consumer.pause(partition);
      },
      resume(partition) {
        arrivals.resumed(partition);
        consumer.resume(partition);
      },
      async commit(epoch, offsets) {
        // The last one of a term comes when its epoch is over: nobody waits for that.
        if (inEpoch) commits.made();
        const isCommitted = await consumer.commit(epoch, offsets);
        if (isCommitted) commits.acknowledged();
        return isCommitted;
      },
    }),
    problems,
    start() {
      stopped = false;
      look();
      cancelAsk = clock.after(ASK_EVERY_MS, ask);
    },
    stop() {
      stopped = true;
      cancelLook();
      cancelAsk();
    },
  };
}

async function askEnds(kafka: AsksKafka, topics: readonly string[]): Promise<Ends> {
  const offsets = await withAdmin(kafka, (admin) => offsetsOf(admin, topics));
  return new Map([...offsets].map(([topic, of]) => [topic, endsOf(of)]));
}

/** What makes one problem another one; how long it lasts does not. */
function nameOf(problem: Stall | Blocked): string {
  const what = 'stage' in problem ? `${problem.stage}/${problem.offset}` : `blocked/${problem.next}`;
  return `${problem.topic}/${problem.partition}/${what}`;
}

function describeStall({ topic, partition, offset, stage, lateMs, records }: Stall): string {
  const others = records > 1 ? `, and ${records - 1} more of this partition` : '';
  const seconds = Math.floor(lateMs / 1_000);
  return `${topic}/${partition}: the record at offset ${offset} is stuck at "${stage}" for ${seconds} s${others}`;
}

function describeBlocked({ topic, partition, next, end }: Blocked): string {
  return `${topic}/${partition}: nothing comes in from offset ${next} on, and Kafka has records up to ${end}`;
}
