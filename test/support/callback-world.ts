import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setUp } from '@whatsapp-stream/cli';
import type { Kafka } from '@whatsapp-stream/kafka';
import { connectRegistry, type SchemaRegistry } from '@whatsapp-stream/schemas';
import { kafkaAt } from './callback-ingest.ts';
import { judgeCallbacks, type Verdict } from './callback-judge.ts';
import { type CallbackMaker, createCallbackMaker } from './callbacks.ts';
import { type Call, type Caller, createCaller } from './caller.ts';
import { createIngestProcess, type IngestProcess } from './ingest-process.ts';
import { type KafkaProxy, startKafkaProxy } from './kafka-proxy.ts';
import { ownProcesses } from './processes.ts';
import { seededRandom } from './random.ts';
import { ownFolder, ownNames, type StackAddress } from './system.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

/** A callback-ingest as a process of its own, and Verihubs that calls it. */
export interface CalledIngest {
  /** Not started yet. */
  readonly ingest: IngestProcess;
  readonly caller: Caller;
  /** Makes so many callbacks, at most so many at a time. */
  callAll(count: number, atATime?: number): Promise<readonly Call[]>;
}

/** One of them on topics of its own, with ways to a real Kafka and registry that can be cut. */
export interface CallbackWorld extends CalledIngest, AsyncDisposable {
  readonly proxy: KafkaProxy;
  readonly registryProxy: TcpProxy;
  readonly maker: CallbackMaker;
  readonly spoolDir: string;
  /** With the same settings, the spool's folder too; what it is called counts in the verdict. */
  another(name: string): Promise<CalledIngest>;
  /** Waits until Kafka takes events and nothing is in the spool any more. */
  drained(): Promise<void>;
  /** On the topic as it stands. */
  verdict(): Promise<Verdict>;
  /**
   * Every callback that was answered 200 is in the topic, or is within a quarter of a minute; all of them are right
   * in all they say, nothing is there that nobody called for, and no log line speaks of any.
   */
  expectAllKept(): Promise<Verdict>;
  /** What the spool's folder holds. */
  spoolBytes(): number;
}

export interface CallbackWorldOptions {
  /** Of what the callbacks say. */
  readonly seed: number;
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>;
}

const CONNECTIONS = 64;
/** Whoever keeps callbacks makes its folder in there. */
const SPOOLS = ownFolder('spools');
/** A spool that has not been opened yet cannot say what is in it. */
const IN_TOPIC_WITHIN_MS = 15_000;

export async function startCallbackWorld(
  stack: StackAddress,
  { seed, env: more = {} }: CallbackWorldOptions,
): Promise<CallbackWorld> {
  await using made = new AsyncDisposableStack();
  const { kafka, registry, topic } = await ownTopic(stack);
  const { proxy, registryProxy, ways } = await openWays(stack, made);
  const { folder, reaper } = made.use(ownProcesses());
  const maker = createCallbackMaker(seededRandom(seed));
  const spoolDir = more['SPOOL_DIR'] ?? join(SPOOLS, topic);
  const env = {
    ...ways,
    STATUS_TOPIC: topic,
    CALLBACK_SIGNING_KEYS: maker.signingKeys,
    KAFKA_ACK_TIMEOUT_MS: '300',
    CALLBACK_STOP_DELAY_MS: '0',
    SPOOL_DIR: spoolDir,
    ...more,
  };
  const calls = new Map<string, Call>();
  const callers = made.use(new AsyncDisposableStack());

  async function another(name: string): Promise<CalledIngest> {
    const ingest = await createIngestProcess({ name, env, folder, reaper });
    const caller = createCaller(ingest.url, CONNECTIONS, calls);
    callers.defer(() => caller.close());
    return {
      ingest,
      caller,
      callAll: (count, atATime = CONNECTIONS) => callAll({ caller, maker, count, atATime }),
    };
  }

  const first = await another('callback-ingest');
  const verdict = () => judgeCallbacks({ kafka, registry, topic, calls });
  const owned = made.move();
  return {
    ...first,
    proxy,
    registryProxy,
    maker,
    spoolDir,
    another,
    drained: () => until('the spool is empty', () => isDrained(first.ingest)),
    verdict,
    async expectAllKept() {
      const deadline = performance.now() + IN_TOPIC_WITHIN_MS;
      let found = await verdict();
      while (found.missing.length > 0 && performance.now() < deadline) found = await verdict();
      expectClean(found);
      for (const trace of maker.traces)
        assert.ok(!first.ingest.log().includes(trace), 'a log tells too much');
      return found;
    },
    spoolBytes: () => sizeOf(spoolDir),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function isDrained(ingest: IngestProcess): Promise<boolean> {
  const names = ['kafka_up', 'spool_usable', 'spool_events'] as const;
  const [isUp, isUsable, events] = await Promise.all(
    names.map((name) => ingest.metric(`whatsapp_callback_${name}`)),
  );
  return isUp === 1 && isUsable === 1 && events === 0;
}

async function ownTopic(
  stack: StackAddress,
): Promise<{ readonly kafka: Kafka; readonly registry: SchemaRegistry; readonly topic: string }> {
  const names = ownNames();
  const kafka = kafkaAt(stack.brokers);
  const registry = connectRegistry({ url: stack.registryUrl });
  await setUp({ kafka, registry, names, replicationFactor: 1 });
  return { kafka, registry, topic: names.status };
}

async function openWays(stack: StackAddress, made: AsyncDisposableStack) {
  const proxy = await startKafkaProxy(stack.brokers);
  made.defer(() => proxy.cut());
  const url = new URL(stack.registryUrl);
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const registryProxy = made.use(await startTcpProxy({ host: url.hostname, port }));
  url.host = `127.0.0.1:${registryProxy.port}`;
  const ways = { KAFKA_BROKERS: proxy.address, SCHEMA_REGISTRY_URL: url.href };
  return { proxy, registryProxy, ways };
}

interface CallsOptions {
  readonly caller: Caller;
  readonly maker: CallbackMaker;
  readonly count: number;
  readonly atATime: number;
}

async function callAll({ caller, maker, count, atATime }: CallsOptions): Promise<readonly Call[]> {
  const calls: Call[] = [];
  let left = count;
  const some = async () => {
    while (left > 0) {
      left -= 1;
      calls.push(await caller.call(maker.next()));
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, atATime) }, some));
  return calls;
}

function expectClean({ missing, foreign, wrong, unreadable, answered }: Verdict): void {
  assert.deepEqual(
    { missing: missing.length, foreign: foreign.length, wrong: wrong.slice(0, 3), unreadable },
    { missing: 0, foreign: 0, wrong: [], unreadable: 0 },
    `of ${answered} answered 200`,
  );
}

function sizeOf(folder: string): number {
  const sizes = readdirSync(folder).map(
    (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size,
  );
  return sizes.reduce((sum: number, size) => sum + (size ?? 0), 0);
}

/** How many of them were answered so; null is no answer. */
export function countOf(calls: Iterable<Call>, status: number | null): number {
  return [...calls].filter((call) => call.status === status).length;
}
