import { Counter, Histogram, type Registry } from 'prom-client';
import type { RequestOutcome } from './answers.ts';

export interface IngestMetrics {
  answered(outcome: RequestOutcome): void;
  acknowledged(afterMs: number): void;
}

const ACK_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What is counted. Labels are codes of ours alone, nothing that came from outside. */
export function createIngestMetrics(registry: Registry): IngestMetrics {
  const requests = new Counter({
    name: 'whatsapp_callback_requests_total',
    help: 'Requests to the public port by how they ended; reason is empty where one is enough.',
    labelNames: ['outcome', 'reason'] as const,
    registers: [registry],
  });
  const events = new Counter({
    name: 'whatsapp_callback_events_total',
    help: 'Callbacks whose event is in the status topic, by status; repeated callbacks count again.',
    labelNames: ['status'] as const,
    registers: [registry],
  });
  const acks = new Histogram({
    name: 'whatsapp_callback_ack_seconds',
    help: 'From handing an event to the producer until all in-sync replicas had it.',
    buckets: ACK_BUCKETS_SECONDS,
    registers: [registry],
  });
  return {
    answered(outcome) {
      requests.inc({ outcome: outcome.kind, reason: 'reason' in outcome ? outcome.reason : '' });
      if (outcome.kind === 'accepted') events.inc({ status: outcome.status });
    },
    acknowledged: (afterMs) => acks.observe(afterMs / 1_000),
  };
}
