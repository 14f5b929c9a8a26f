import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts, type Reaper } from '@whatsapp-stream/stack';
import { sampleOf } from '../support/metrics.ts';
import { type KafkaWay, startKafkaWay } from './kafka-way.ts';
import { createRevivable, type Revivable, type RevivableWatch } from './revivable.ts';

/** One replica of the sender, with a way of its own to Kafka. */
export interface Sender extends Revivable, Pick<KafkaWay, 'cutOff'> {
  /** What its `/metrics` say; false when it does not answer. */
  isActive(): Promise<boolean>;
  /** Its wall clock differs from the machine's by so much once this has resolved, and after a restart. */
  shiftClock(byMs: number): Promise<void>;
}

/** All replicas of the sender. Disposing of them kills whoever was not ended by `stopAll`. */
export interface Senders extends AsyncDisposable {
  /** The replica that sends; undefined where there is none for so long. */
  active(withinMs?: number): Promise<Sender | undefined>;
  /** Any that runs: where none sends it may be the next. */
  next(): Sender | undefined;
  /** A replica that runs and does not send. */
  standBy(): Promise<Sender | undefined>;
  /** One more, which is down and is not among the others. */
  visitor(): Promise<Sender>;
  /** All that are down are started. */
  reviveAll(): Promise<void>;
  /** SIGTERM to all, and to visitors. */
  stopAll(): Promise<void>;
  /** Their names, visitors included. */
  names(): readonly string[];
}

export interface SendersOptions {
  /** With the address of Kafka's one broker. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly reaper: Reaper;
  readonly watch: RevivableWatch;
}

const PRELOAD = new URL('./wall-clock.ts', import.meta.url).href;
const METRICS_WITHIN_MS = 700;
const ACTIVE_WITHIN_MS = 4_000;
const LOOK_EVERY_MS = 200;

export async function startSenders(count: number, options: SendersOptions): Promise<Senders> {
  await using made = new AsyncDisposableStack();
  const ways = made.use(new AsyncDisposableStack());
  const create = async (name: string) =>
    createSender(name, ways.use(await startKafkaWay(options.env['KAFKA_BROKERS'] ?? '')), options);
  const all: Sender[] = [];
  const visitors: Sender[] = [];
  let visitorCount = 0;
  for (let n = 1; n <= count; n++) all.push(await create(`sender-${n}`));
  await Promise.all(all.map((sender) => sender.start()));
  made.defer(async () => {
    await Promise.all([...all, ...visitors].map((sender) => sender.end('SIGKILL')));
  });
  const owned = made.move();
  const up = () => all.filter((sender) => sender.state() === 'up');

  async function findActive(): Promise<Sender | undefined> {
    const active = await Promise.all(up().map(async (sender) => ((await sender.isActive()) ? [sender] : [])));
    return active.flat()[0];
  }

  return {
    async active(withinMs = ACTIVE_WITHIN_MS) {
      const deadline = performance.now() + withinMs;
      while (performance.now() < deadline) {
        const active = await findActive();
        if (active !== undefined) return active;
        await sleep(LOOK_EVERY_MS);
      }
      return undefined;
    },
    next: () => up()[0],
    async standBy() {
      const active = await findActive();
      return up().find((sender) => sender !== active);
    },
    async visitor() {
      visitorCount += 1;
      const visitor = await create(`visitor-${visitorCount}`);
      visitors.push(visitor);
      return visitor;
    },
    async reviveAll() {
      await Promise.all(all.map((sender) => sender.start()));
    },
    async stopAll() {
      await Promise.all([...all, ...visitors].map((sender) => sender.end('SIGTERM')));
    },
    names: () => [...all, ...visitors].map(({ name }) => name),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function createSender(name: string, way: KafkaWay, options: SendersOptions): Promise<Sender> {
  const { env, folder, reaper, watch } = options;
  const [port = 0] = await freePorts(1);
  const clockFile = join(folder, `${name}.clock`);
  const preload = `${process.env['NODE_OPTIONS'] ?? ''} --import=${PRELOAD}`.trim();
  const revivable = createRevivable({
    name,
    file: 'services/sender/src/main.ts',
    env: {
      ...env,
      KAFKA_BROKERS: way.address,
      ADMIN_PORT: String(port),
      NODE_OPTIONS: preload,
      WALL_CLOCK_FILE: clockFile,
    },
    folder,
    reaper,
    ...watch,
    kafkaWasAway: (since) => watch.kafkaWasAway(since) || way.wasAway(since),
  });
  return {
    ...revivable,
    cutOff: way.cutOff,
    isActive: async () => sampleOf((await metricsAt(port)) ?? '', 'sender_active') === 1,
    async shiftClock(byMs) {
      writeFileSync(clockFile, String(byMs));
      // One that has not begun to listen to the signal would be ended by it.
      while (revivable.state() === 'up' && (await metricsAt(port)) === undefined) await sleep(LOOK_EVERY_MS);
      revivable.signal('SIGUSR2');
    },
  };
}

/** @returns undefined when nobody answers there in time */
async function metricsAt(port: number): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(METRICS_WITHIN_MS);
    return await (await fetch(`http://127.0.0.1:${port}/metrics`, { signal })).text();
  } catch {
    return undefined;
  }
}
