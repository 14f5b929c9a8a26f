import type { Health } from '@whatsapp-stream/service-kit';

/** What decides whether callbacks should be sent here. */
export interface Circumstances {
  /** What has not answered for the first time yet, in words for people. */
  missing(): readonly string[];
  kafkaTrouble(): string | null;
  spool(): { readonly trouble: string | null };
}

/**
 * Ready while a callback can be kept, by Kafka or by the spool: a load balancer that turned callbacks away
 * whenever Kafka is in trouble would lose what the spool is for.
 */
export function readiness(stopping: boolean, circumstances: Circumstances): Health {
  const kafkaTrouble = circumstances.kafkaTrouble();
  const spoolTrouble = circumstances.spool().trouble;
  if (stopping) return { ok: false, problems: ['stopping'] };
  const kafka = [
    ...circumstances.missing().map((what) => `waiting for ${what}`),
    ...(kafkaTrouble === null ? [] : [`Kafka: ${kafkaTrouble}`]),
  ];
  const spool = spoolTrouble === null ? [] : [`spool: ${spoolTrouble}`];
  const problems = [...kafka, ...spool];
  return kafka.length > 0 && spool.length > 0 ? { ok: false, problems } : { ok: true, degraded: problems };
}
