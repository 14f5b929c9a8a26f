import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSigningKeys, signToken } from '@whatsapp-stream/callback-token';
import { setUp } from '@whatsapp-stream/cli';
import { createKafka } from '@whatsapp-stream/kafka';
import { connectRegistry } from '@whatsapp-stream/schemas';
import { createLogger } from '@whatsapp-stream/service-kit';
import { freePorts, type Program, startProgram, startReaper } from '@whatsapp-stream/stack';
import { sampleOf } from '../../support/metrics.ts';
import { ownNames, type StackAddress, serviceEnv } from '../../support/system.ts';
import type { Contender } from './contenders.ts';
import { type Load, type LoadResult, makeLoad } from './load.ts';
import { countBetween, type Mark, markOf, type Tallies, tallySince } from './tally.ts';

/** What the contenders share: topics that nobody else has, tokens, a folder on the disk of the project. */
export interface World extends AsyncDisposable {
  readonly folder: string;
  readonly brokers: string;
  start(contender: Contender, env?: Readonly<Record<string, string>>): Promise<Running>;
  /** The status topic's end. */
  mark(): Promise<Mark>;
  /** How many records have come since. */
  countSince(mark: Mark): Promise<number>;
  tally(since: Mark): Promise<Tallies>;
}

/** A contender that is ready. Disposing of it stops it. */
export interface Running extends AsyncDisposable {
  readonly pid: number;
  /** @throws with its last lines when it ends meanwhile */
  load(load: Load): Promise<LoadResult>;
  /** A sample of its metrics, summed over its labels; 0 where there is none. For those that have an admin port. */
  metric(name: string): Promise<number>;
}

/** callback-ingest's own default is in the same folder: the same disk. */
const DATA = fileURLToPath(new URL('../../../data', import.meta.url));
const DIFFERENT_TOKENS = 20_000;

export async function createWorld(stack: StackAddress): Promise<World> {
  await using cleanup = new AsyncDisposableStack();
  mkdirSync(DATA, { recursive: true });
  const folder = mkdtempSync(join(DATA, 'bench-'));
  cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
  const reaper = cleanup.adopt(startReaper(), (one) => one.close());
  reaper.watch({ kind: 'folder', id: folder });

  const log = createLogger('bench', 'fatal');
  const kafka = createKafka({ brokers: stack.brokers.split(','), clientId: 'bench', log });
  const registry = connectRegistry({ url: stack.registryUrl });
  const names = ownNames();
  await setUp({ kafka, registry, names, replicationFactor: 1 });
  const env = serviceEnv(stack, names, 'http://127.0.0.1:1');
  const tokensFile = join(folder, 'tokens');
  writeFileSync(tokensFile, tokensFor(env['CALLBACK_SIGNING_KEYS'] ?? ''));
  let loads = 0;
  let starts = 0;
  const owned = cleanup.move();

  async function start(contender: Contender, more: Readonly<Record<string, string>> = {}): Promise<Running> {
    const [port = 0, adminPort = 0] = await freePorts(2);
    const ports = { CALLBACK_PORT: String(port), ADMIN_PORT: String(adminPort) };
    const name = `contender-${++starts}`;
    const program = await startProgram({
      name,
      file: contender.file,
      env: { ...env, SPOOL_DIR: join(folder, name), CALLBACK_STOP_DELAY_MS: '0', ...ports, ...more },
      folder,
      reaper,
      readyUrl: `http://127.0.0.1:${ports[contender.readyAt]}/readyz`,
    });
    return {
      pid: pidOf(program),
      load(load) {
        const run = (++loads).toString(16).padStart(8, '0');
        const target = { url: `http://127.0.0.1:${port}`, tokensFile, run, reaper };
        return Promise.race([program.failed, makeLoad(load, target)]);
      },
      metric: async (metric) =>
        sampleOf(await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text(), metric),
      [Symbol.asyncDispose]: () => program.stop(),
    };
  }

  return {
    folder,
    brokers: stack.brokers,
    start,
    mark: () => markOf(kafka, names.status),
    countSince: async (mark) => countBetween(mark, await markOf(kafka, names.status)),
    tally: (since) => tallySince(kafka, registry, names.status, since),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function pidOf({ name, pid }: Program): number {
  if (pid === undefined) throw new Error(`${name} could not be started`);
  return pid;
}

/** One a line, each of a message of its own. */
function tokensFor(signingKeys: string): string {
  const signing = readSigningKeys(signingKeys);
  if (!signing.ok) throw new Error(signing.fault);
  const [key] = signing.keys;
  const issuedAtMs = Date.now();
  const tokens = Array.from({ length: DIFFERENT_TOKENS }, (_, i) =>
    signToken(key, { messageId: `order-${i}`, attempt: 1, attemptId: `1.${i}`, issuedAtMs }),
  );
  return `${tokens.join('\n')}\n`;
}
