import { randomBytes } from 'node:crypto';
import { createAppender, type Kafka, type Producer } from '@whatsapp-stream/kafka';
import {
  connectRegistry,
  createDecoder,
  createEncoder,
  type Encoder,
  laneOf,
  type SchemaRegistry,
  type StatusEvent,
  subjectOf,
} from '@whatsapp-stream/schemas';
import {
  type Clock,
  createMetrics,
  type Health,
  kafkaFrom,
  type Logger,
  type RunningService,
  shownUrl,
  startAdminServer,
  systemClock,
  topicNames,
  waitFor,
} from '@whatsapp-stream/service-kit';
import type { SenderConfig } from './config.ts';
import { createCaller } from './delivery/call.ts';
import { createSenderMetrics } from './metrics.ts';
import type { Parts } from './parts.ts';
import { createSending, type Sending } from './sending.ts';

const CLIENT_ID = 'whatsapp-sender';

export interface SenderOptions {
  readonly config: SenderConfig;
  readonly log: Logger;
  /** Other adapters, for tests. */
  readonly kafka?: Kafka;
  readonly registry?: SchemaRegistry;
  readonly clock?: Clock;
}

export interface SenderService extends RunningService {
  readonly adminPort: number;
}

/**
 * Starts the sender: the operators' server at once, the rest when Kafka, the registry, the topics and the
 * schemas are there.
 * @throws when the operators' port is taken
 */
export async function startSender(options: SenderOptions): Promise<SenderService> {
  const { config, log, clock = systemClock } = options;
  const kafka = options.kafka ?? kafkaFrom(config, CLIENT_ID, log);
  const registry = options.registry ?? connectRegistry({ url: config.SCHEMA_REGISTRY_URL });
  const registryMetrics = createMetrics('sender');
  const metrics = createSenderMetrics(registryMetrics);
  const stopping = new AbortController();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  let waitingFor: readonly string[] = ['starting'];
  let sending: Sending | undefined;

  const ready = (): Health => {
    const problems = [...waitingFor, ...(sending?.problems() ?? [])];
    return problems.length === 0 ? { ok: true } : { ok: false, problems };
  };
  const admin = await startAdminServer({
    host: config.ADMIN_HOST,
    port: config.ADMIN_PORT,
    metrics: registryMetrics,
    live: () => ({ ok: true }),
    ready,
  });
  log.info({ port: admin.port }, 'operators are answered');

  async function boot(): Promise<void> {
    const report = (line: string) => log.info(line);
    const wait = async (what: string, attempt: () => Promise<void>): Promise<boolean> => {
      waitingFor = [`waiting for ${what}`];
      return waitFor({ what, attempt, report, clock, signal: stopping.signal });
    };
    const parts = await assemble({ config, kafka, registry, wait });
    if (!parts) return;
    waitingFor = [];
    sending = createSending({ ...parts, config, kafka, metrics, clock, log, onFailed: failure.reject });
    await sending.start();
  }

  const booted = boot().catch(failure.reject);
  return {
    adminPort: admin.port,
    failed: failure.promise,
    async stop() {
      stopping.abort();
      waitingFor = ['stopping'];
      await booted;
      await sending?.stop();
      await admin.close();
    },
  };
}

interface Assembly {
  readonly config: SenderConfig;
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  readonly wait: (what: string, attempt: () => Promise<void>) => Promise<boolean>;
}

async function assemble({ config, kafka, registry, wait }: Assembly): Promise<Parts | null> {
  const names = topicNames(config);
  if (!(await wait(`Kafka at ${config.KAFKA_BROKERS.join(', ')}`, () => kafka.ping()))) return null;
  const topics = [...names.lanes, names.status, names.deadLetter];
  if (!(await wait(`the topics ${topics.join(', ')}`, () => mustExist(kafka, topics)))) return null;
  const ready: { encoder?: Encoder<StatusEvent>; producer?: Producer } = {};
  const schemas = `the schema of ${names.status} at ${shownUrl(config.SCHEMA_REGISTRY_URL)}`;
  const found = await wait(schemas, async () => {
    ready.encoder = await createEncoder(registry, 'StatusEvent', subjectOf(names.status));
  });
  const connected =
    found &&
    (await wait('a producer', async () => {
      ready.producer = await kafka.producer();
    }));
  const { encoder, producer } = ready;
  if (!connected || !encoder || !producer) return null;
  return {
    producer,
    appender: createAppender(producer),
    encoder,
    requestDecoder: createDecoder(registry, 'SendRequest'),
    statusDecoder: createDecoder(registry, 'StatusEvent'),
    caller: createCaller({
      baseUrl: config.VERIHUBS_BASE_URL,
      timeoutMs: config.VERIHUBS_TIMEOUT_MS,
      connections: config.VERIHUBS_MAX_CONNECTIONS,
    }),
    lanes: new Map(names.lanes.map((topic, laneIndex) => [topic, { lane: laneOf(topic), laneIndex }])),
    // Two processes never share an attempt id, also after a restart.
    processId: randomBytes(9).toString('base64url'),
  };
}

async function mustExist(kafka: Kafka, topics: readonly string[]): Promise<void> {
  const admin = await kafka.admin();
  try {
    for (const topic of topics) {
      if (!(await admin.describeTopic(topic)))
        throw new Error(`topic ${topic} does not exist: run \`npm run setup\``);
    }
  } finally {
    await admin.close();
  }
}
