import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setUp } from '@whatsapp-stream/cli';
import { createPublisher } from '@whatsapp-stream/client';
import { createKafka } from '@whatsapp-stream/kafka';
import { connectRegistry } from '@whatsapp-stream/schemas';
import { createLogger } from '@whatsapp-stream/service-kit';
import { freePorts, type Program, startProgram, startReaper } from '@whatsapp-stream/stack';
import { messages } from '../support/messages.ts';
import { ownNames, type StackAddress, serviceEnv } from '../support/system.ts';
import type { Arrivals } from './anchors/receiver.ts';
import { type Bench, table } from './table.ts';
import { usageOf } from './usage.ts';

/** More a second than one process can make, so that the limit is out of the way; and the connections that asks for. */
const MAX_RPS = 15_000;
const CONNECTIONS = 1_500;
const CHUNK = 10_000;
const SAMPLE_EVERY_MS = 100;
const GIVE_UP_MS = 180_000;
const MIB = 2 ** 20;

/** What is measured, and with how many messages: enough for some ten seconds each. */
interface Contender {
  readonly name: string;
  readonly messages: number;
  /** The share of them that warms it up: connections, compiled code. */
  readonly warmUp: number;
  start(run: Run): Promise<Program>;
}

interface Run {
  readonly count: number;
  readonly url: string;
  /** The sender's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** As many as the sender used. */
  readonly connections: number;
  program(name: string, file: string, args: readonly string[]): Promise<Program>;
}

const SENDER: Contender = {
  name: 'sender, all guarantees on',
  messages: 60_000,
  warmUp: 0.4,
  start: (run) => run.program('sender', 'services/sender/src/main.ts', []),
};
const BARE_LOOP: Contender = {
  name: 'bare undici loop',
  messages: 150_000,
  warmUp: 0.3,
  start: ({ program, url, count, connections }) =>
    program('bare-loop', 'test/bench/anchors/bare-loop.ts', [url, String(count), String(connections)]),
};
const FIRST_WRITTEN: Contender = {
  name: 'first written: eachMessage, one call, one send',
  messages: 20_000,
  warmUp: 0.4,
  start: ({ program, url }) => program('first-written', 'test/bench/anchors/first-written.ts', [url]),
};

interface Result {
  readonly perSecond: number;
  readonly cpuSecondsPer10k: number;
  readonly cores: number;
  readonly peakMib: number;
  readonly connections: number;
}

/**
 * The most that one process of the sender can do when the limit is out of the way, beside two others that run after it
 * on the same machine and stack: a loop that only posts, which is the limit, and what a team would write first. All
 * messages are queued before a process is started. Judged by the receiver, from the end of the warm-up to the last
 * message. The receiver is not the simulator, which would be the slowest of all (`anchors/receiver.ts`).
 */
export const benchThroughput: Bench = async (stack) => {
  const sender = await measure(stack, SENDER, 0);
  const loop = await measure(stack, BARE_LOOP, sender.connections);
  const first = await measure(stack, FIRST_WRITTEN, 1);
  const rows = (
    [
      [SENDER, sender],
      [BARE_LOOP, loop],
      [FIRST_WRITTEN, first],
    ] as const
  ).map(([{ name }, result]) => [
    name,
    Math.round(result.perSecond),
    (result.perSecond / loop.perSecond).toFixed(2),
    (result.perSecond / first.perSecond).toFixed(1),
    result.cpuSecondsPer10k.toFixed(2),
    result.cores.toFixed(2),
    result.peakMib.toFixed(0),
    result.connections,
  ]);
  const head = ['', 'messages/s', '× loop', '× first written', 'CPU s per 10,000', 'cores'];
  return table([...head, 'peak RSS, MiB', 'connections'], rows);
};

async function measure(stack: StackAddress, contender: Contender, connections: number): Promise<Result> {
  await using cleanup = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'whatsapp-stream-bench-'));
  cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
  const reaper = cleanup.adopt(startReaper(), (one) => one.close());
  const [port = 0, adminPort = 0] = await freePorts(2);
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...(await queue(stack, contender.messages, url)),
    ADMIN_PORT: String(adminPort),
    VERIHUBS_MAX_RPS: String(MAX_RPS),
    VERIHUBS_MAX_CONNECTIONS: String(CONNECTIONS),
  };
  const program = async (name: string, file: string, args: readonly string[], readyUrl?: string) =>
    cleanup.adopt(
      await startProgram({ name, file, args, env, folder, reaper, ...(readyUrl ? { readyUrl } : {}) }),
      (one) => one.stop(),
    );
  await program('receiver', 'test/bench/anchors/receiver.ts', [String(port)], `${url}/arrivals`);
  const measured = await contender.start({ count: contender.messages, url, env, connections, program });
  const watching = watch(url, contender, measured.pid ?? 0);
  watching.catch(() => {});
  // What it ended with says more than that it is not there.
  return await Promise.race([measured.failed, watching]);
}

/** Publishes the messages over three lanes, to topics that nobody else has. @returns the sender's environment */
async function queue(stack: StackAddress, count: number, url: string): Promise<Record<string, string>> {
  const log = createLogger('bench', 'fatal');
  const kafka = createKafka({ brokers: stack.brokers.split(','), clientId: 'bench', log });
  const registry = connectRegistry({ url: stack.registryUrl });
  const names = ownNames();
  await setUp({ kafka, registry, names, replicationFactor: 1 });
  const publisher = await createPublisher({ kafka, registry, topics: names, source: 'bench' });
  for (let i = 0; i < count; i += CHUNK) await publisher.sendMany(messages(`m${i}`, CHUNK));
  await publisher.close();
  return { ...serviceEnv(stack, names, url), CALLBACK_BASE_URL: 'http://127.0.0.1:8080' };
}

interface Sample {
  readonly arrivals: Arrivals;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

/** Looks until all have come. */
async function watch(url: string, contender: Contender, pid: number): Promise<Result> {
  const deadline = performance.now() + GIVE_UP_MS;
  let warm: Sample | undefined;
  for (;;) {
    const now = await sample(url, pid);
    if (now.arrivals.count >= contender.messages * contender.warmUp) warm ??= now;
    if (warm && now.arrivals.count >= contender.messages) return between(warm, now);
    if (performance.now() > deadline) throw new Error(`${contender.name}: ${now.arrivals.count} arrived`);
    await sleep(SAMPLE_EVERY_MS);
  }
}

async function sample(url: string, pid: number): Promise<Sample> {
  const arrivals = (await (await fetch(`${url}/arrivals`)).json()) as Arrivals;
  return { arrivals, ...usageOf(pid) };
}

function between(warm: Sample, end: Sample): Result {
  const count = end.arrivals.count - warm.arrivals.count;
  const seconds = (end.arrivals.lastMs - warm.arrivals.nowMs) / 1_000;
  const cpuSeconds = end.cpuSeconds - warm.cpuSeconds;
  return {
    perSecond: count / seconds,
    cpuSecondsPer10k: (cpuSeconds / count) * 10_000,
    cores: cpuSeconds / seconds,
    peakMib: end.peakBytes / MIB,
    connections: end.arrivals.connections,
  };
}
