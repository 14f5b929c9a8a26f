import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BrokerSwitch, type Stack, startReaper } from '@whatsapp-stream/stack';
import { startOwnStack } from '../support/own-stack.ts';
import { seededRandom } from '../support/random.ts';
import { untilCommitted } from './committed.ts';
import { describeFault, type Fault } from './fault.ts';
import { startLoad } from './load.ts';
import { createOperator } from './operator.ts';
import { type Outages, rememberOutages } from './outages.ts';
import { mannersIn, plan } from './plan.ts';
import { runJudge } from './run-judge.ts';
import { faultsOfSenders } from './sender-logs.ts';
import { startSenders } from './senders.ts';
import { describeMissing, untilSettled } from './settled.ts';
import { SESSION_MS, type Surroundings, startSurroundings } from './surroundings.ts';
import { createTraffic } from './traffic.ts';
import { inflict, type Scene } from './troubles.ts';

export interface ChaosOptions {
  /** Of faults; what comes before and after them is not counted. */
  readonly durationMs: number;
  readonly seed: number;
  readonly replicas: number;
  /** Records a second, on average. */
  readonly rate: number;
  /** Of the senders' pace. Faults share the machine with all else: arrivals jitter more than where senders run alone. */
  readonly guardMs: number;
  /** Where logs go and stay. Otherwise they are in a temporary folder, which stays only when something is wrong. */
  readonly keep?: string;
  /** Takes one line at a time. */
  readonly say: (line: string) => void;
}

export interface ChaosResult {
  /** How often each kind of fault happened. */
  readonly counts: ReadonlyMap<Fault['kind'], number>;
  /** What the senders, or the run itself, did wrong, for people. */
  readonly failures: readonly string[];
  /** Exit code of the judge: 0 when every promise was kept. */
  readonly verdict: number;
  /** Where the logs were kept; null when they are deleted. */
  readonly folder: string | null;
}

/** Once or twice a fault may meet nobody. */
const OFTEN = 3;
/** Of a machine that is busy with other things. */
const STARTED_WITHIN_MS = 60_000;

/** Traffic is another sequence than the plan, so that a change of one leaves the other as it was. */
const TRAFFIC_SEED = 0x7a_ff1c;

/**
 * One run: a system on a stack of its own, faults as the seed plans them under load, then peace until everything is
 * settled, and a judge who was not there.
 * @throws StackError when there is no Kafka to be had
 */
export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const { say } = options;
  const stack = await startOwnStack(say);
  const logs = openFolder(options.keep);
  const failures: string[] = [];
  try {
    const { counts, verdict } = await runOn(stack, options, logs.path, (text) => {
      failures.push(text);
      say(`FAILURE ${text.split('\n')[0]}`);
    });
    const folder = logs.close(verdict === 0 && failures.length === 0);
    return { counts, failures, verdict, folder };
  } catch (error) {
    say(`Logs are in ${logs.close(false)}`);
    throw error;
  } finally {
    await stack.stop();
  }
}

function openFolder(keep: string | undefined) {
  const path = keep === undefined ? mkdtempSync(join(tmpdir(), 'whatsapp-stream-chaos-')) : resolve(keep);
  mkdirSync(path, { recursive: true });
  const reaper = startReaper();
  const target = { kind: 'folder', id: path } as const;
  if (keep === undefined) reaper.watch(target);
  return {
    path,
    /** @returns the folder, or null when it is deleted */
    close(clean: boolean): string | null {
      reaper.forget(target);
      void reaper.close();
      if (keep !== undefined || !clean) return path;
      rmSync(path, { recursive: true, force: true });
      return null;
    },
  };
}

async function runOn(
  stack: Stack,
  options: ChaosOptions,
  folder: string,
  onFailure: (text: string) => void,
): Promise<{ readonly counts: ChaosResult['counts']; readonly verdict: number }> {
  const { seed, rate, replicas, guardMs, say } = options;
  if (stack.broker === undefined) say(`The broker is not killed: by way of ${stack.kind} it cannot be.`);
  const outages = rememberOutages();
  const onExcused = (text: string) => say(`${text}: Kafka was away`);
  const watch = { onFailure, onExcused, kafkaWasAway: outages.wasAway };
  await using surroundings = await startSurroundings({ stack, seed, guardMs, folder, watch });
  const { kafka, registry, names, processes, verihubs } = surroundings;
  verihubs.program.failed.catch((error: Error) => onFailure(error.message));
  await using senders = await startSenders(replicas, {
    env: surroundings.senderEnv,
    folder,
    reaper: processes.reaper,
    watch,
  });
  if (!(await senders.active(STARTED_WITHIN_MS)))
    onFailure('no sender became active before the faults began');
  const traffic = createTraffic({ random: seededRandom(seed ^ TRAFFIC_SEED), run: `c${seed}`, rate });
  const load = startLoad({ kafka, registry, names, traffic });
  const operator = createOperator(surroundings.env);
  const broker = stack.broker && remembered(stack.broker, outages);
  const scene = { surroundings, senders, load, operator, broker };
  const counts = await inflictAll(scene, options, onFailure);

  await heal(scene, seed);
  const published = await load.stop();
  const { records, partitions } = published;
  say(`All is well again; ${records} records are in ${partitions} partitions. Waiting until all are settled`);
  const missing = await untilSettled({
    kafka,
    registry,
    names,
    published,
    say,
  });
  if (missing.size > 0) {
    onFailure(describeMissing(missing));
    writeFileSync(join(folder, 'missing.json'), JSON.stringify(Object.fromEntries(missing), null, 1));
  }
  const uncommitted = await untilCommitted({ kafka, names });
  if (uncommitted > 0) onFailure(`${uncommitted} records were not committed in time`);
  await senders.stopAll();
  await surroundings.ingest.end('SIGTERM');
  await verihubs.program.stop();
  for (const text of faultsOfSenders(folder, [...senders.names(), surroundings.ingest.name])) onFailure(text);
  return { counts, verdict: await judge(surroundings, folder, say) };
}

function remembered(broker: BrokerSwitch, outages: Outages): BrokerSwitch {
  return {
    async kill() {
      outages.begin();
      await broker.kill();
    },
    async start() {
      await broker.start();
      outages.end();
    },
  };
}

/** Resolves when the time is over and the last fault has healed. */
async function inflictAll(
  scene: Scene,
  options: ChaosOptions,
  onFailure: (text: string) => void,
): Promise<ChaosResult['counts']> {
  const { durationMs, seed, replicas, say } = options;
  const counts = new Map<Fault['kind'], number>();
  const healing: Promise<unknown>[] = [];
  const start = performance.now();
  const planned = plan({
    seed,
    durationMs,
    sessionMs: SESSION_MS,
    replicas,
    broker: scene.broker !== undefined,
  });
  const until = (atMs: number) => sleep(Math.max(0, start + atMs - performance.now()));

  async function doFault(fault: Fault): Promise<void> {
    const time = `${((performance.now() - start) / 1_000).toFixed(1).padStart(6)} s`;
    say(`${time}  ${describeFault(fault)}`);
    const happened = await inflict(fault, scene);
    if (happened) counts.set(fault.kind, (counts.get(fault.kind) ?? 0) + 1);
    else say(`${time}  … and did not meet whom it was meant for`);
  }

  for (const { atMs, fault } of planned) {
    await until(atMs);
    const healed = doFault(fault).catch((error: Error) =>
      onFailure(`${describeFault(fault)}: ${error.message}`),
    );
    healing.push(healed);
  }
  await until(durationMs);
  await Promise.all(healing);
  for (const [kind, same] of Map.groupBy(planned, ({ fault }) => fault.kind))
    if (same.length >= OFTEN && !counts.has(kind))
      onFailure(`${kind} was planned ${same.length} times and never happened`);
  return counts;
}

async function heal({ surroundings, senders }: Scene, seed: number): Promise<void> {
  const { verihubs, ingest } = surroundings;
  const { faults, callbacks } = mannersIn(seed).good;
  await Promise.all([verihubs.put('faults', faults), verihubs.put('callbacks', callbacks)]);
  await Promise.all([senders.reviveAll(), ingest.start()]);
}

const judge = ({ env, processes, verihubsLog }: Surroundings, folder: string, say: ChaosOptions['say']) =>
  runJudge({ env, folder, reaper: processes.reaper, simulatorLog: verihubsLog, say });
