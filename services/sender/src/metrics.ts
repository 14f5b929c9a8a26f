import { laneOf } from '@whatsapp-stream/schemas';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Queue } from './lanes/queues.ts';
import { type Regime, SLOW_REASONS } from './pacing/regulator.ts';
import { type Resident, STAGES } from './watchdog/whereabouts.ts';

export type SenderMetrics = ReturnType<typeof createSenderMetrics>;

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

/** The sender's metrics. No label ever holds an id, a number or anything else of a message. */
export function createSenderMetrics(registry: Registry) {
  const registers = [registry];
  return {
    calls: new Counter({
      name: 'sender_calls_total',
      help: 'Calls to Verihubs by lane and what their answer meant.',
      labelNames: ['lane', 'outcome'],
      registers,
    }),
    callSeconds: new Histogram({
      name: 'sender_call_duration_seconds',
      help: 'From the first byte of a call to the last one of its answer.',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    waitSeconds: new Histogram({
      name: 'sender_wait_seconds',
      help: 'From the publishing of a request to its first attempt, by lane.',
      labelNames: ['lane'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200],
      registers,
    }),
    events: new Counter({
      name: 'sender_status_events_total',
      help: 'Status events written, by lane and status.',
      labelNames: ['lane', 'status'],
      registers,
    }),
    deadLetters: new Counter({
      name: 'sender_dead_letters_total',
      help: 'Records put aside, by reason.',
      labelNames: ['reason'],
      registers,
    }),
    known: new Counter({
      name: 'sender_known_messages_total',
      help: 'Records passed over because their message_id was settled or on its way.',
      labelNames: ['lane'],
      registers,
    }),
    conflicting: new Counter({
      name: 'sender_conflicting_messages_total',
      help: 'Of the known ones, those with other content than the first under the same message_id.',
      labelNames: ['lane'],
      registers,
    }),
    resends: new Counter({
      name: 'sender_resends_total',
      help: 'Messages sent again out of doubt: each may have been taken twice.',
      labelNames: ['lane'],
      registers,
    }),
    skippedEvents: new Counter({
      name: 'sender_skipped_status_records_total',
      help: 'Records of the status log that could not be read.',
      labelNames: ['reason'],
      registers,
    }),
    unrecordable: new Counter({
      name: 'sender_unrecordable_total',
      help: 'Events and dead letters that fit into their topic in no form, by topic.',
      labelNames: ['topic'],
      registers,
    }),
    redrives: new Counter({
      name: 'sender_rejected_callbacks_total',
      help: 'Callbacks that ask for another attempt, by lane and what was decided.',
      labelNames: ['lane', 'decision'],
      registers,
    }),
    skippedControls: new Counter({
      name: 'sender_skipped_control_records_total',
      help: 'Records of the control topic that could not be read.',
      labelNames: ['reason'],
      registers,
    }),
    lostOffsets: new Counter({
      name: 'sender_lost_offsets_total',
      help: 'Offsets that retention deleted before they were read.',
      labelNames: ['topic'],
      registers,
    }),
    active: new Gauge({
      name: 'sender_active',
      help: '1 on the replica that sends, 0 on the others.',
      registers,
    }),
    observe(observed: Observed): void {
      const { records, topics, isOpen, queues, ledger, circuit, blocked, pace } = observed;
      new Gauge({
        name: 'sender_records_in_memory',
        help: 'Records that came in and are not done, by lane and where they are on their way.',
        labelNames: ['lane', 'stage'],
        registers,
        collect() {
          for (const topic of topics) {
            for (const stage of STAGES) this.set({ lane: laneOf(topic), stage }, 0);
          }
          for (const { topic, stage } of records()) this.inc({ lane: laneOf(topic), stage });
        },
      });
      new Gauge({
        name: 'sender_lane_open',
        help: '0 while a lane is paused by an operator or outside its sending hours.',
        labelNames: ['lane'],
        registers,
        collect() {
          for (const topic of topics) this.set({ lane: laneOf(topic) }, isOpen(topic) ? 1 : 0);
        },
      });
      const ofQueues = (name: string, help: string, pick: (queue: Queue) => number | null) =>
        new Gauge({
          name,
          help,
          labelNames: ['lane'],
          registers,
          collect() {
            this.reset();
            for (const [topic, queue] of queues()) {
              const value = pick(queue);
              if (value !== null) this.set({ lane: laneOf(topic) }, value);
            }
          },
        });
      ofQueues(
        'sender_lane_waiting_records',
        'Records of a lane from the committed offsets to the end, as of the last half minute; on the active replica.',
        ({ depth }) => depth,
      );
      ofQueues(
        'sender_lane_oldest_seconds',
        'How long the first of them has waited; compare sender_lane_retention_seconds.',
        ({ oldestMs }) => oldestMs / 1_000,
      );
      ofQueues(
        'sender_lane_retention_seconds',
        "How long the lane's topic keeps a record at least.",
        ({ retentionMs }) => retentionMs && retentionMs / 1_000,
      );
      new Gauge({
        name: 'sender_rate_limit',
        help: 'Requests a second that are allowed now: less than VERIHUBS_MAX_RPS after Verihubs said that it was too fast.',
        registers,
        collect() {
          this.set(pace().perSecond);
        },
      });
      new Gauge({
        name: 'sender_slowed_down',
        help: '1 for the reason why requests leave more slowly than they might, 0 for the others.',
        labelNames: ['reason'],
        registers,
        collect() {
          const now = pace().reason;
          for (const reason of SLOW_REASONS) this.set({ reason }, reason === now ? 1 : 0);
        },
      });
      new Gauge({
        name: 'sender_pace_guard_seconds',
        help: "What is added to the limit's second against jitter of arrivals; it widens with a lower rate.",
        registers,
        collect() {
          this.set(pace().guardMs / 1_000);
        },
      });
      new Gauge({
        name: 'sender_blocked_recipients',
        help: 'Recipients that are not called for BLOCKED_TTL_MS.',
        registers,
        collect() {
          this.set(blocked.size());
        },
      });
      new Gauge({
        name: 'sender_circuit_open',
        help: '1 while account trouble holds all sending back.',
        registers,
        collect() {
          this.set(circuit.open ? 1 : 0);
        },
      });
      new Gauge({
        name: 'sender_remembered_messages',
        help: 'Messages that the ledger remembers.',
        registers,
        collect() {
          this.set(ledger.size());
        },
      });
    },
  };
}
