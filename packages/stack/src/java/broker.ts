import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brokerServes } from '../broker-probe.ts';
import { asProperties, COMMON_SETTINGS, newClusterId } from '../broker-settings.ts';
import { freePorts, saysPortTaken } from '../free-ports.ts';
import type { Reaper } from '../reaper/reaper.ts';
import { awaitReady, lastLines, type ServerProcess, spawnServer } from '../server-process.ts';
import { StackError } from '../stack.ts';
import { jvmOptions } from './jvm.ts';

const LOG_SETTINGS = fileURLToPath(new URL('../../java/log4j2.properties', import.meta.url));
const HOST = '127.0.0.1';
const BROKER_HEAP_MB = 512;
const TOOL_HEAP_MB = 128;
const READY_WITHIN_MS = 120_000;
const PORT_TRIES = 5;

export interface BrokerPlan {
  readonly java: string;
  readonly classPath: string;
  /** Holds settings, log and data; made when missing. Data that is there already is used. */
  readonly folder: string;
  readonly reaper: Reaper;
}

export interface Broker {
  readonly address: string;
  readonly process: ServerProcess;
  /**
   * Starts another process on the same ports with the same data, once the one before it has ended.
   * @throws StackError with the last lines of its log
   */
  startAgain(): Promise<ServerProcess>;
}

interface Ports {
  readonly broker: number;
  readonly controller: number;
}

const command = (plan: BrokerPlan, heapMb: number, args: readonly string[]) => ({
  program: plan.java,
  args: [
    ...jvmOptions(plan.folder, heapMb),
    `-Dlog4j2.configurationFile=${LOG_SETTINGS}`,
    '-cp',
    plan.classPath,
    ...args,
  ],
  folder: plan.folder,
  logFile: join(plan.folder, 'kafka.log'),
});

const dataFolder = (plan: BrokerPlan) => join(plan.folder, 'data');
const settingsFile = (plan: BrokerPlan) => join(plan.folder, 'server.properties');

async function writeSettings(plan: BrokerPlan, { broker, controller }: Ports): Promise<void> {
  const settings = {
    ...COMMON_SETTINGS,
    listeners: `PLAINTEXT://${HOST}:${broker},CONTROLLER://${HOST}:${controller}`,
    'advertised.listeners': `PLAINTEXT://${HOST}:${broker}`,
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.quorum.voters': `1@${HOST}:${controller}`,
    'log.dirs': dataFolder(plan),
  };
  await writeFile(settingsFile(plan), asProperties(settings));
}

/** The id of the cluster whose data is here already. */
async function storedClusterId(plan: BrokerPlan): Promise<string | undefined> {
  const text = await readFile(join(dataFolder(plan), 'meta.properties'), 'utf8').catch(() => '');
  return /^cluster\.id=(.+)$/m.exec(text)?.[1];
}

/** KRaft wants its storage formatted before the first start. Needs settings, but not their ports. */
async function format(plan: BrokerPlan): Promise<string> {
  const stored = await storedClusterId(plan);
  if (stored !== undefined) return stored;
  const clusterId = newClusterId();
  const args = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settingsFile(plan)];
  const tool = spawnServer(command(plan, TOOL_HEAP_MB, args), plan.reaper);
  const end = await tool.ended;
  if (end !== 'exit code 0') {
    throw new StackError(`Kafka's storage tool ended with ${end}\n${await lastLines(tool.logFile)}`);
  }
  return clusterId;
}

async function startOn(plan: BrokerPlan, ports: Ports, clusterId: string) {
  const process = spawnServer(
    command(plan, BROKER_HEAP_MB, ['kafka.Kafka', settingsFile(plan)]),
    plan.reaper,
  );
  const probe = async () =>
    (await brokerServes({ host: HOST, port: ports.broker }, clusterId))
      ? `${HOST}:${ports.broker}`
      : undefined;
  return { process, readiness: await awaitReady(process, probe, READY_WITHIN_MS) };
}

/** A port can be lost for a moment to a connection that somebody else makes. */
async function startOnSamePorts(plan: BrokerPlan, ports: Ports, clusterId: string): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt++) {
    const { process, readiness } = await startOn(plan, ports, clusterId);
    if (readiness.outcome === 'ready') return process;
    if (attempt < PORT_TRIES && saysPortTaken(readiness.log)) continue;
    throw new StackError(`Kafka ${readiness.reason}; the end of its log:\n${readiness.log}`);
  }
}

/**
 * Formats the storage if it is new and starts a broker that is its own controller, on 127.0.0.1 only.
 * Resolves when it answers a Metadata request; ports that are lost to another process are replaced.
 * @throws StackError with the last lines of its log
 */
export async function startBroker(plan: BrokerPlan): Promise<Broker> {
  await mkdir(plan.folder, { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const [broker = 0, controller = 0] = await freePorts(2);
    const ports = { broker, controller };
    await writeSettings(plan, ports);
    const clusterId = await format(plan);
    const { process, readiness } = await startOn(plan, ports, clusterId);
    if (readiness.outcome === 'ready') {
      const startAgain = () => startOnSamePorts(plan, ports, clusterId);
      return { address: readiness.value, process, startAgain };
    }
    if (attempt < PORT_TRIES && saysPortTaken(readiness.log)) continue;
    throw new StackError(`Kafka ${readiness.reason}; the end of its log:\n${readiness.log}`);
  }
}
