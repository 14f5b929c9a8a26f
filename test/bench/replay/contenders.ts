import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureEnvironment, findPython } from '../../support/python.ts';
import type { Run } from './measure.ts';

/** What is measured. */
export interface Contender {
  readonly name: string;
  /** In a folder that is emptied afterwards. @returns why it cannot be run, where it cannot */
  readonly run: (place: Place) => Promise<Run | string>;
  /** Left out where it would take too long. */
  readonly slow?: true;
}

export interface Place {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly topic: string;
  readonly events: number;
}

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));

/** As `npm run replay` starts it (tools/run.mjs). */
const AS_STARTED = { NODE_COMPILE_CACHE: join(PROJECT, 'node_modules/.cache/node-compile') };

function ours(name: string, args: (folder: string) => readonly string[]): Contender {
  return {
    name,
    run: async ({ folder, env }) =>
      node('packages/cli/src/replay.ts', ['--from', '7d', ...args(folder)], {
        folder,
        env: { ...env, ...AS_STARTED },
      }),
  };
}

function node(file: string, args: readonly string[], { folder, env }: Pick<Place, 'folder' | 'env'>): Run {
  return {
    program: process.execPath,
    args: [join(PROJECT, file), ...args],
    env,
    stdout: join(folder, 'stdout'),
  };
}

export const CONTENDERS: readonly Contender[] = [
  {
    name: 'kafkajs alone, fetches and counts',
    run: async (place) => node('test/bench/replay/fetch-only.ts', [place.topic, String(place.events)], place),
  },
  ours('replay to NDJSON', (folder) => ['--out', join(folder, 'events.ndjson')]),
  ours('replay to CSV', (folder) => ['--out', join(folder, 'events.csv')]),
  ours('replay to Parquet', (folder) => ['--out', join(folder, 'events/')]),
  ours('replay --states to Parquet', (folder) => ['--states', '--out', join(folder, 'states.parquet')]),
  {
    name: 'confluent-kafka in Python with its AvroDeserializer, to NDJSON',
    slow: true,
    run: async ({ folder, env, topic }) => {
      const found = await findPython();
      if (!found.ok) return found.reason;
      const python = await ensureEnvironment(found.python, (line) => process.stderr.write(`${line}\n`));
      const { KAFKA_BROKERS: brokers = '', SCHEMA_REGISTRY_URL: registry = '' } = env;
      const script = join(PROJECT, 'test/bench/replay/to_ndjson.py');
      const args = [script, brokers, registry, topic, join(folder, 'events.ndjson')];
      return { program: python, args, env, stdout: join(folder, 'stdout') };
    },
  },
  {
    name: 'kcat, undecoded bytes: an upper bound (Debian builds it without `-s value=avro`)',
    run: async ({ folder, env, topic }) => {
      const { KAFKA_BROKERS: brokers = '' } = env;
      const args = ['-C', '-q', '-e', '-b', brokers, '-t', topic, '-o', 'beginning', '-f', '%p %o %T %s\n'];
      return { program: 'kcat', args, env, stdout: join(folder, 'stdout') };
    },
  },
];
