import { createRunningTime } from './running-time.ts';
import type { Resident, Stage, Whereabouts } from './whereabouts.ts';

/**
 * Tells which records make no progress although nothing that a restart cannot help keeps them. Excused is:
 * a broker or registry that is away, a lease that is not held, an open circuit (it lets a call out now and then),
 * Retry-After, a lane that is closed, a pause or a doubt that is not over, and whoever waits at the gates while others are called.
 */
export interface StallJudge {
  /** To be called about once a second. @returns of each partition and stage the first record that is stuck there */
  look(world: World): readonly Stall[];
}

export interface Stall extends Pick<Resident, 'topic' | 'partition' | 'offset' | 'stage' | 'lateMs'> {
  /** How many records of the partition are stuck at this stage. */
  readonly records: number;
}

/** What is around the records at the moment of a look. */
export interface World {
  /** Monotonic ms. */
  readonly now: number;
  /** This process is surely the active sender. */
  readonly active: boolean;
  /** Kafka refuses, or does not answer, what is written into some topic. */
  readonly kafkaStruggles: boolean;
  /** The same of the status log, into which each message is written before it is called. */
  readonly logStruggles: boolean;
  /** Verihubs has asked to be left alone for a time that is not over. */
  readonly held: boolean;
  /** Whether the lane of a topic is closed: what waits there for its turn waits for a person, or the clock. */
  readonly isClosed: (topic: string) => boolean;
}

/** How late a record may be at each stage, in ms. */
export type Limits = Readonly<Record<Stage, number>>;

/** For a call: what a busy process and two timers add to the time-outs of connection and answer. */
const CALL_MARGIN_MS = 30_000;
/** For the gates: a slot comes within 2 s at the slowest rate and the widest guard; the rest is for busy machines. */
const GATE_MARGIN_MS = 60_000;
/** A pause and a doubt end by a timer. */
const OVERDUE_MS = 60_000;
/** kafkajs gives a write up after its retries, within two minutes; from then on Kafka counts as struggling. */
const SILENT_WRITE_MS = 5 * 60_000;
/** The status log is read to its end within some tens of ms; longer by a question to Kafka that is asked again. */
const SILENT_READ_MS = 5 * 60_000;
/** A restart deals with the record anew. Where that fails again, it costs one take-over in this time. */
const FAILED_MS = 5 * 60_000;
/** Who is written ahead and waits for Kafka as long as this keeps the others at their gate. */
const SLOW_WRITE_MS = 5_000;

export interface LimitsOptions {
  /** For the connection, and again for the call itself. */
  readonly callTimeoutMs: number;
  /** For how long the circuit lets nothing out at most. */
  readonly longestHoldMs: number;
}

export function limitsFor({ callTimeoutMs, longestHoldMs }: LimitsOptions): Limits {
  const gate = longestHoldMs + GATE_MARGIN_MS;
  return {
    // Each question to the registry has a time-out of its own; what remains is a registry that is away.
    decode: Number.POSITIVE_INFINITY,
    hear: SILENT_READ_MS,
    turn: gate,
    slot: gate,
    write: SILENT_WRITE_MS,
    call: 2 * callTimeoutMs + CALL_MARGIN_MS,
    pause: OVERDUE_MS,
    doubt: OVERDUE_MS,
    failed: FAILED_MS,
  };
}

export function createStallJudge(
  whereabouts: Pick<Whereabouts, 'all' | 'calls' | 'pass'>,
  limits: Limits,
): StallJudge {
  const runningTime = createRunningTime();
  let callsSeen = 0;

  /** Whether something else than a fault of ours explains that nobody comes through the gates. */
  function gatesMayWait({ active, logStruggles, held }: World): boolean {
    const called = whereabouts.calls() > callsSeen;
    callsSeen = whereabouts.calls();
    if (called || held || !active || logStruggles) return true;
    for (const { stage, lateMs } of whereabouts.all()) {
      // A call that is stuck itself is told by its own limit.
      if (stage === 'call' || (stage === 'write' && lateMs >= SLOW_WRITE_MS)) return true;
    }
    return false;
  }

  return {
    look(world) {
      const { now, active, kafkaStruggles, logStruggles } = world;
      const passed = runningTime(now);
      const gatesExcused = gatesMayWait(world);
      whereabouts.pass(passed, ({ topic, stage, until }) => {
        if (stage === 'turn' || stage === 'slot') return gatesExcused || world.isClosed(topic);
        if (stage === 'hear') return !active || logStruggles;
        return stage === 'write' ? kafkaStruggles : now < until;
      });
      return firstOfEach(whereabouts.all(), limits);
    },
  };
}

function firstOfEach(residents: Iterable<Resident>, limits: Limits): readonly Stall[] {
  const stalls = new Map<string, Stall>();
  for (const { topic, partition, offset, stage, lateMs } of residents) {
    if (lateMs < limits[stage]) continue;
    const key = `${topic}/${partition}/${stage}`;
    const first = stalls.get(key) ?? { topic, partition, offset, stage, lateMs, records: 0 };
    stalls.set(key, { ...first, records: first.records + 1 });
  }
  return [...stalls.values()];
}
