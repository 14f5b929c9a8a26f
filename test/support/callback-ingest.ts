import assert from 'node:assert/strict';
import {
  type CallbackIngest,
  callbackIngestSettings,
  startCallbackIngest,
} from '@whatsapp-stream/callback-ingest';
import { createKafka, type Headers, type Kafka, type KafkaLog } from '@whatsapp-stream/kafka';
import { createDecoder, type SchemaRegistry, type StatusEvent } from '@whatsapp-stream/schemas';
import { createLogger, readSettings } from '@whatsapp-stream/service-kit';
import { ownFolder } from './system.ts';
import { until } from './until.ts';

export const quiet: KafkaLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export const kafkaAt = (brokers: string): Kafka =>
  createKafka({ brokers: brokers.split(','), clientId: 'callback-ingest-test', log: quiet });

/** callback-ingest as an operator and as Verihubs see it. */
export interface RunningIngest extends CallbackIngest {
  readonly log: readonly string[];
  /** To the public port. */
  call(path: string, init?: RequestInit): Promise<Response>;
  ready(): Promise<{ readonly status: number; readonly text: string }>;
  metrics(): Promise<string>;
}

/** Starts it in this process on free ports, with a spool of its own. @param env its environment, ports aside */
export async function startIngest(env: Readonly<Record<string, string>>): Promise<RunningIngest> {
  const read = readSettings(callbackIngestSettings, {
    CALLBACK_PORT: '0',
    ADMIN_PORT: '0',
    CALLBACK_STOP_DELAY_MS: '0',
    SPOOL_DIR: ownFolder('spool'),
    ...env,
  });
  assert.ok(read.ok, read.ok ? '' : read.faults.join('\n'));
  const log: string[] = [];
  const logger = createLogger('callback-ingest', 'debug', { write: (line) => void log.push(line) });
  const service = await startCallbackIngest(read.values, logger);
  const admin = `http://127.0.0.1:${service.adminPort}`;
  return {
    ...service,
    log,
    call: async (path, init) => fetch(`http://127.0.0.1:${service.port}${path}`, init),
    async ready() {
      const response = await fetch(`${admin}/readyz`);
      return { status: response.status, text: await response.text() };
    },
    metrics: async () => (await fetch(`${admin}/metrics`)).text(),
  };
}

export interface StatusRecord {
  readonly key: string | undefined;
  readonly event: StatusEvent;
  readonly headers: Headers;
}

/** Everything that is in the status topic, as it comes. */
export interface StatusLog {
  /** Those of the events seen so far. */
  seen(wanted: (event: StatusEvent) => boolean): readonly StatusRecord[];
  /** Waits until `count` events satisfy `wanted`, and returns them. */
  take(count: number, wanted: (event: StatusEvent) => boolean): Promise<readonly StatusRecord[]>;
  close(): Promise<void>;
}

export async function followStatus(
  kafka: Kafka,
  registry: SchemaRegistry,
  topic: string,
): Promise<StatusLog> {
  const decoder = createDecoder(registry, 'StatusEvent');
  const all: StatusRecord[] = [];
  const broken: unknown[] = [];
  const reader = await kafka.readTopic(topic, 'beginning', {
    records(records) {
      for (const { key, value, headers } of records) {
        void Promise.resolve(decoder.decode(value)).then((decoded) => {
          if (decoded.ok) all.push({ key: key?.toString(), event: decoded.value, headers });
          else broken.push(decoded);
        });
      }
    },
    failed: (error) => broken.push(error),
  });
  const seen: StatusLog['seen'] = (wanted) => all.filter(({ event }) => wanted(event));
  return {
    seen,
    async take(count, wanted) {
      await until(`${count} events in ${topic}`, async () => seen(wanted).length >= count);
      assert.deepEqual(broken, []);
      assert.equal(seen(wanted).length, count);
      return seen(wanted);
    },
    close: () => reader.close(),
  };
}
