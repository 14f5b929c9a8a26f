import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { RequestOutcome } from './http/answers.ts';
import type { SpoolCounts } from './spool/open-spool.ts';
import type { SpoolState } from './spool/spool.ts';

export interface IngestMetrics {
  answered(outcome: RequestOutcome): void;
  /** A connection beyond the limit was closed. */
  connectionDropped(): void;
  /** @param afterMs for the callback of a batch that waited longest */
  acknowledged(afterMs: number): void;
  drained(count: number): void;
}

/** What is looked at whenever somebody asks for the metrics. */
export interface IngestLooks {
  readonly pending: () => number;
  readonly kafkaUp: () => boolean;
  readonly spool: () => SpoolState;
  readonly spoolCounts: () => SpoolCounts;
  readonly spoolMaxBytes: number;
}

const ACK_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What is counted. Labels are codes of ours alone, nothing that came from outside. */
export function createIngestMetrics(registry: Registry): IngestMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: 'whatsapp_callback_requests_total',
    help: 'Requests to the public port by how they ended; reason is empty where one is enough.',
    labelNames: ['outcome', 'reason'] as const,
    registers,
  });
  const events = new Counter({
    name: 'whatsapp_callback_events_total',
    help: 'Callbacks that were answered 200, by status and by who keeps them; repeated callbacks count again.',
    labelNames: ['status', 'keeper'] as const,
    registers,
  });
  const acks = new Histogram({
    name: 'whatsapp_callback_ack_seconds',
    help: 'From the arrival of the first callback of a batch until all in-sync replicas had its events.',
    buckets: ACK_BUCKETS_SECONDS,
    registers,
  });
  const dropped = new Counter({
    name: 'whatsapp_callback_connections_dropped_total',
    help: 'Connections that were closed at once, because there were CALLBACK_MAX_CONNECTIONS already.',
    registers,
  });
  const drained = new Counter({
    name: 'whatsapp_callback_spool_drained_total',
    help: 'Callbacks of the spool that Kafka has taken.',
    registers,
  });
  return {
    answered(outcome) {
      requests.inc({ outcome: outcome.kind, reason: 'reason' in outcome ? outcome.reason : '' });
      if (outcome.kind === 'accepted') events.inc({ status: outcome.status, keeper: outcome.keeper });
    },
    connectionDropped: () => dropped.inc(),
    acknowledged: (afterMs) => acks.observe(afterMs / 1_000),
    drained: (count) => drained.inc(count),
  };
}

/** What can be seen at any moment. */
export function registerIngestGauges(registry: Registry, looks: IngestLooks): void {
  const gauge = (name: string, help: string, look: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(look());
      },
    });
  gauge('whatsapp_callback_pending', 'Callbacks that wait to be kept.', looks.pending);
  gauge('whatsapp_callback_kafka_up', '1 while Kafka takes events, 0 while the spool keeps them.', () =>
    Number(looks.kafkaUp()),
  );
  gauge('whatsapp_callback_spool_usable', '0 while the spool can keep nothing: full, or its disk is.', () =>
    Number(looks.spool().trouble === null),
  );
  gauge('whatsapp_callback_spool_events', 'Callbacks that wait in the spool.', () => looks.spool().events);
  gauge('whatsapp_callback_spool_bytes', 'What the spool occupies.', () => looks.spool().bytes);
  gauge('whatsapp_callback_spool_max_bytes', 'What it may occupy.', () => looks.spoolMaxBytes);
  gauge(
    'whatsapp_callback_spool_files_set_aside',
    'Damaged files that were set aside since the start.',
    () => looks.spoolCounts().filesSetAside,
  );
  gauge(
    'whatsapp_callback_spool_rows_recovered',
    'Callbacks that were recovered from damaged files since the start.',
    () => looks.spoolCounts().rowsRecovered,
  );
  gauge(
    'whatsapp_callback_spool_rows_unreadable',
    'Rows that could not be read, and were put aside, since the start.',
    () => looks.spoolCounts().rowsUnreadable,
  );
}
