import { laneOf } from '@whatsapp-stream/schemas';
import { Gauge, type Registry } from 'prom-client';
import type { Queue } from './lanes/queues.ts';
import { type Regime, SLOW_REASONS } from './pacing/regulator.ts';
import { type Resident, STAGES } from './watchdog/whereabouts.ts';

/** What gauges are read from, at the moment they are asked for. */
export interface Observed {
  readonly records: () => Iterable<Pick<Resident, 'topic' | 'stage'>>;
  readonly topics: readonly string[];
  /** Whether anything of the topic's lane may be sent. */
  readonly isOpen: (topic: string) => boolean;
  /** By topic; empty on a replica that stands by. */
  readonly queues: () => ReadonlyMap<string, Queue>;
  readonly ledger: { size(): number };
  readonly circuit: { readonly open: boolean };
  readonly blocked: { size(): number };
  /** What is allowed at this moment: requests a second, and ms that are added to the limit's second. */
  readonly pace: () => Pick<Regime, 'guardMs' | 'reason'> & { readonly perSecond: number };
}

/** Registers the gauges, which are read when they are asked for. No label ever holds anything of a message. */
export function observe(registry: Registry, observed: Observed): void {
  const gauges = [...ofRecords(observed), ...ofLanes(observed), ...ofPace(observed), ...ofMemory(observed)];
  for (const { name, help, labels, collect } of gauges) {
    new Gauge({
      name,
      help,
      labelNames: labels,
      registers: [registry],
      collect() {
        this.reset();
        for (const [values, value] of collect()) this.set(values, value);
      },
    });
  }
}

/** A value for each combination of labels. */
type Samples = readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];

interface Reading {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly collect: () => Samples;
}

function single(name: string, help: string, value: () => number): Reading {
  return { name, help, labels: [], collect: () => [[{}, value()]] };
}

function ofRecords({ records, topics }: Observed): readonly Reading[] {
  return [
    {
      name: 'sender_records_in_memory',
      help: 'Records that came in and are not done, by lane and where they are on their way.',
      labels: ['lane', 'stage'],
      collect() {
        const counts = Map.groupBy(records(), ({ topic, stage }) => `${topic} ${stage}`);
        return topics.flatMap((topic) =>
          STAGES.map(
            (stage) =>
              [{ lane: laneOf(topic), stage }, counts.get(`${topic} ${stage}`)?.length ?? 0] as const,
          ),
        );
      },
    },
  ];
}

function ofLanes({ topics, isOpen, queues }: Observed): readonly Reading[] {
  const ofQueues = (name: string, help: string, pick: (queue: Queue) => number | null): Reading => ({
    name,
    help,
    labels: ['lane'],
    collect: () =>
      [...queues()].flatMap(([topic, queue]) => {
        const value = pick(queue);
        return value === null ? [] : [[{ lane: laneOf(topic) }, value] as const];
      }),
  });
  return [
    {
      name: 'sender_lane_open',
      help: '0 while a lane is paused by an operator or outside its sending hours.',
      labels: ['lane'],
      collect: () => topics.map((topic) => [{ lane: laneOf(topic) }, isOpen(topic) ? 1 : 0] as const),
    },
    ofQueues(
      'sender_lane_waiting_records',
      'Records of a lane from the committed offsets to the end, as of the last half minute; on the active replica.',
      ({ depth }) => depth,
    ),
    ofQueues(
      'sender_lane_oldest_seconds',
      'How long the first of them has waited; compare sender_lane_retention_seconds.',
      ({ oldestMs }) => oldestMs / 1_000,
    ),
    ofQueues(
      'sender_lane_retention_seconds',
      "How long the lane's topic keeps a record at least.",
      ({ retentionMs }) => retentionMs && retentionMs / 1_000,
    ),
  ];
}

function ofPace({ pace, circuit }: Observed): readonly Reading[] {
  return [
    single(
      'sender_rate_limit',
      'Requests a second that may leave now: VERIHUBS_MAX_RPS in a second and its guard, and less after Verihubs said that it was too fast.',
      () => pace().perSecond,
    ),
    {
      name: 'sender_slowed_down',
      help: '1 for the reason why requests leave more slowly than they might, 0 for the others.',
      labels: ['reason'],
      collect() {
        const now = pace().reason;
        return SLOW_REASONS.map((reason) => [{ reason }, reason === now ? 1 : 0] as const);
      },
    },
    single(
      'sender_pace_guard_seconds',
      "What is added to the limit's second against jitter of arrivals; it widens with a lower rate.",
      () => pace().guardMs / 1_000,
    ),
    single('sender_circuit_open', '1 while account trouble holds all sending back.', () =>
      circuit.open ? 1 : 0,
    ),
  ];
}

function ofMemory({ ledger, blocked }: Observed): readonly Reading[] {
  return [
    single('sender_blocked_recipients', 'Recipients that are not called for BLOCKED_TTL_MS.', blocked.size),
    single('sender_remembered_messages', 'Messages that the ledger remembers.', ledger.size),
  ];
}
