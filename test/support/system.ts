import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callbackIngestSettings, startCallbackIngest } from '@whatsapp-stream/callback-ingest';
import { setUp } from '@whatsapp-stream/cli';
import { createPublisher, type Publisher, readStatus } from '@whatsapp-stream/client';
import { createKafka, type Kafka } from '@whatsapp-stream/kafka';
import {
  connectRegistry,
  type SchemaRegistry,
  type StatusEvent,
  type TopicNames,
} from '@whatsapp-stream/schemas';
import { type SenderService, senderSettings, startSender } from '@whatsapp-stream/sender';
import {
  createLogger,
  type RunningService,
  readSettings,
  type SettingsOf,
  type SettingsSpec,
} from '@whatsapp-stream/service-kit';
import { startVerihubs, type Verihubs, type VerihubsOptions } from '@whatsapp-stream/verihubs-simulator';

/** Where a stack is. */
export interface StackAddress {
  readonly brokers: string;
  readonly registryUrl: string;
}

/** The whole system on topics of its own: real Kafka and registry, our services, and Verihubs simulated. */
export interface System {
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  readonly names: ReturnType<typeof ownNames>;
  readonly env: Readonly<Record<string, string>>;
  readonly verihubs: Verihubs;
  readonly publisher: Publisher;
  /** Every status event since the start, in the order it was read. */
  readonly events: readonly StatusEvent[];
  startSender(env?: Readonly<Record<string, string>>): Promise<SenderService>;
  /** Resolves when `done` holds for the events; looks again with each new one. @throws after `withinMs` */
  until(done: (events: readonly StatusEvent[]) => boolean, withinMs?: number): Promise<void>;
  stop(): Promise<void>;
}

export interface SystemOptions {
  readonly verihubs?: VerihubsOptions;
  /** Further settings of both services. */
  readonly env?: Readonly<Record<string, string>>;
  /** Partitions of the lanes and the status topic are those of the contract. */
  readonly ingest?: boolean;
}

const log = createLogger('test', process.env['TEST_LOG_LEVEL'] === 'info' ? 'info' : 'fatal');

/** Topics, group and subjects that nobody else has. */
export function ownNames(): TopicNames & { readonly group: string } {
  const prefix = `t${randomBytes(5).toString('hex')}`;
  return {
    lanes: ['otp', 'transactional', 'marketing'].map((lane) => `${prefix}.whatsapp.send.${lane}`),
    status: `${prefix}.whatsapp.status`,
    deadLetter: `${prefix}.whatsapp.send.dlq`,
    control: `${prefix}.whatsapp.control`,
    group: `${prefix}-sender`,
  };
}

/** A folder that nobody else has, gone when this process ends. */
export function ownFolder(purpose: string): string {
  const folder = mkdtempSync(join(tmpdir(), `whatsapp-stream-${purpose}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What both services need of the environment, but for their ports; signing keys and spool are new each time. */
export function serviceEnv(
  stack: StackAddress,
  names: ReturnType<typeof ownNames>,
  verihubsUrl: string,
): Readonly<Record<string, string>> {
  return {
    KAFKA_BROKERS: stack.brokers,
    SCHEMA_REGISTRY_URL: stack.registryUrl,
    SEND_TOPICS: names.lanes.join(','),
    STATUS_TOPIC: names.status,
    DLQ_TOPIC: names.deadLetter,
    CONTROL_TOPIC: names.control,
    SENDER_GROUP: names.group,
    CALLBACK_SIGNING_KEYS: `k1:${randomBytes(16).toString('hex')}`,
    VERIHUBS_BASE_URL: verihubsUrl,
    VERIHUBS_APP_ID: 'demo-app',
    VERIHUBS_API_KEY: 'demo-key',
    SPOOL_DIR: ownFolder('spool'),
    CALLBACK_STOP_DELAY_MS: '0',
  };
}

/** @throws with every fault */
export function settingsFrom<S extends SettingsSpec>(
  spec: S,
  env: Readonly<Record<string, string>>,
): SettingsOf<S> {
  const result = readSettings(spec, env);
  if (!result.ok) throw new Error(result.faults.join('\n'));
  return result.values;
}

export async function startSystem(stack: StackAddress, options: SystemOptions = {}): Promise<System> {
  await using cleanup = new AsyncDisposableStack();
  const names = ownNames();
  const kafka = createKafka({ brokers: stack.brokers.split(','), clientId: 'test', log });
  const registry = connectRegistry({ url: stack.registryUrl });
  await setUp({ kafka, registry, names, replicationFactor: 1 });
  const verihubs = await startVerihubs(options.verihubs ?? {});
  cleanup.defer(async () => {
    await verihubs.stop('drop');
  });
  const base = {
    ...serviceEnv(stack, names, verihubs.url),
    CALLBACK_PORT: '0',
    ADMIN_PORT: '0',
    ...options.env,
  };
  const ingest = await startCallbackIngest(settingsFrom(callbackIngestSettings, base), log);
  cleanup.defer(() => ingest.stop());
  const env = { CALLBACK_BASE_URL: `http://127.0.0.1:${ingest.port}`, ...base };

  const events: StatusEvent[] = [];
  const watchers = new Set<() => void>();
  const reading = await readStatus({
    kafka,
    registry,
    topic: names.status,
    from: 'beginning',
    onEvent(event) {
      events.push(event);
      for (const look of watchers) look();
    },
  });
  cleanup.defer(() => reading.close());
  const publisher = await createPublisher({ kafka, registry, topics: names, source: 'test' });
  cleanup.defer(() => publisher.close());
  const senders = cleanup.adopt<RunningService[]>([], async (started) => {
    await Promise.all(started.map((sender) => sender.stop()));
  });
  const owned = cleanup.move();

  return {
    kafka,
    registry,
    names,
    env,
    verihubs,
    publisher,
    events,
    async startSender(more = {}) {
      const sender = await startSender({ config: settingsFrom(senderSettings, { ...env, ...more }), log });
      senders.push(sender);
      return sender;
    },
    until: (done, withinMs = 30_000) =>
      until(
        watchers,
        () => done(events),
        withinMs,
        () => summary(events),
      ),
    stop: () => owned.disposeAsync(),
  };
}

function until(
  watchers: Set<() => void>,
  done: () => boolean,
  withinMs: number,
  describe: () => string,
): Promise<void> {
  if (done()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      watchers.delete(look);
    };
    const look = () => {
      if (!done()) return;
      end();
      resolve();
    };
    const timer = setTimeout(() => {
      end();
      reject(new Error(`not within ${withinMs} ms; seen: ${describe()}`));
    }, withinMs);
    watchers.add(look);
  });
}

/** How many events of each status there are. */
export function summary(events: readonly StatusEvent[]): string {
  const counts = Map.groupBy(events, ({ status }) => status);
  return [...counts].map(([status, of]) => `${status} ${of.length}`).join(', ') || 'nothing';
}
