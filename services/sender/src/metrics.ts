import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type Observed, observe } from './gauges.ts';

export type SenderMetrics = ReturnType<typeof createSenderMetrics>;

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
    observe: (observed: Observed) => observe(registry, observed),
  };
}
