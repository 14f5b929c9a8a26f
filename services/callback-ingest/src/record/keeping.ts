import {
  type Adapters,
  awaitDependencies,
  type Dependencies,
  type Logger,
} from '@whatsapp-stream/service-kit';
import type { CallbackIngestSettings } from '../config.ts';
import type { Shutdown } from '../shutdown.ts';
import { openSpool, type SpoolCounts } from '../spool/open-spool.ts';
import type { SpoolState } from '../spool/spool.ts';
import { drain } from './drain.ts';
import { createKafkaState } from './kafka-state.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { createWriter } from './writer.ts';

/** All that keeps callbacks: Kafka, the spool, and the way from the one to the other. */
export interface Keeping extends Recorder {
  /** What has not answered for the first time yet, in words for people. */
  missing(): readonly string[];
  /** Why Kafka does not take events, for people; null while it does. */
  kafkaTrouble(): string | null;
  spool(): SpoolState;
  spoolCounts(): SpoolCounts;
}

export interface KeepingOptions {
  readonly settings: CallbackIngestSettings;
  readonly adapters: Adapters;
  readonly log: Logger;
  readonly shutdown: Shutdown;
  readonly acknowledged: (afterMs: number) => void;
  readonly drained: (count: number) => void;
}

/** Takes callbacks at once: until Kafka and the registry have answered for the first time, the spool keeps them. */
export function startKeeping(options: KeepingOptions): Keeping {
  const { settings, adapters, log, shutdown, acknowledged, drained } = options;
  const { clock } = adapters;
  const { signal } = shutdown;
  const topic = settings.STATUS_TOPIC;
  const missing = new Set<string>();
  const kafka = createKafkaState(clock, log);
  const spool = openSpool({ dir: settings.SPOOL_DIR, maxBytes: settings.SPOOL_MAX_BYTES, log, clock });
  shutdown.add({ name: 'spool', close: () => spool.close(), withinMs: 3_000 });
  const dependencies = awaitDependencies({ adapters, statusTopic: topic, settings, log, signal, missing });
  shutdown.add({ name: 'producer', close: () => closeProducer(dependencies), withinMs: 1_000 });
  const write = createWriter({ topic, dependencies });
  const ping = () => adapters.kafka.ping();
  const draining = dependencies.then(
    (there) => there && drain({ spool, write, ping, kafka, clock, drained }, signal),
  );
  shutdown.add({ name: 'way from the spool to Kafka', close: () => draining, withinMs: 1_500 });
  const recorder = createRecorder({
    reachable: dependencies,
    write,
    spool,
    kafka,
    clock,
    ackTimeoutMs: settings.KAFKA_ACK_TIMEOUT_MS,
    maxPending: settings.CALLBACK_MAX_PENDING,
    acknowledged,
  });
  return {
    ...recorder,
    missing: () => [...missing],
    kafkaTrouble: () => kafka.trouble(),
    spool: () => spool.state(),
    spoolCounts: () => spool.counts(),
  };
}

async function closeProducer(dependencies: Promise<Dependencies | null>): Promise<void> {
  await (await dependencies)?.producer.close();
}
