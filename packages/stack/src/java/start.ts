import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Reaper, startReaper } from '../reaper/reaper.ts';
import type { ServerProcess } from '../server-process.ts';
import type { Stack, StartContext } from '../stack.ts';
import { KAFKA_VERSION, REGISTRY_VERSION } from '../versions.ts';
import { startBroker } from './broker.ts';
import { createBrokerSwitch } from './broker-switch.ts';
import { ensurePackages } from './packages.ts';
import { startRegistry } from './registry.ts';
import type { JavaTools } from './tools.ts';

/** A folder of its own under `dataDir`, or a temporary one that the reaper deletes. */
async function workFolder(dataDir: string | undefined, reaper: Reaper): Promise<string> {
  if (dataDir !== undefined) {
    const folder = resolve(dataDir, 'java');
    await mkdir(folder, { recursive: true });
    return folder;
  }
  const id = await mkdtemp(join(tmpdir(), 'whatsapp-stream-'));
  reaper.watch({ kind: 'folder', id });
  return id;
}

/** Says when a server ends although nobody stopped it. */
function watchOver(
  name: string,
  server: ServerProcess,
  isExpected: () => boolean,
  context: StartContext,
): void {
  server.unref();
  void server.ended.then((end) => {
    if (!isExpected()) context.report(`${name} ended unexpectedly with ${end}; its log is ${server.logFile}`);
  });
}

async function startServers(tools: JavaTools, context: StartContext, reaper: Reaper) {
  const { report, env, dataDir } = context;
  const packages = await ensurePackages({ tools, env, reaper, report });
  const folder = await workFolder(dataDir, reaper);
  const start = performance.now();
  const took = () => `${((performance.now() - start) / 1_000).toFixed(1)} s`;
  report(
    `Starting Apache Kafka ${KAFKA_VERSION} and Apicurio Registry ${REGISTRY_VERSION} on Java ${tools.javaVersion}`,
  );
  const common = { java: tools.java, reaper };
  return Promise.all([
    startBroker({ ...common, classPath: packages.kafkaClassPath, folder: join(folder, 'kafka') }).then(
      (broker) => {
        report(`Kafka answers at ${broker.address} (${took()})`);
        return broker;
      },
    ),
    startRegistry({
      ...common,
      jar: packages.registryJar,
      folder: join(folder, 'registry'),
      keep: dataDir !== undefined,
    }).then((registry) => {
      report(`The schema registry answers at ${registry.url} (${took()})`);
      return registry;
    }),
  ]);
}

/**
 * Starts a real broker and a real registry as local Java processes.
 * @throws StackError; nothing is left running then
 */
export async function startJavaStack(tools: JavaTools, context: StartContext): Promise<Stack> {
  const reaper = startReaper();
  try {
    const [broker, registry] = await startServers(tools, context, reaper);
    let stopping = false;
    watchOver('The schema registry', registry.process, () => stopping, context);
    const brokerSwitch = createBrokerSwitch(broker, (process, wasKilled) =>
      watchOver('Kafka', process, () => stopping || wasKilled(), context),
    );
    const stop = () => {
      stopping = true;
      return reaper.close();
    };
    return {
      kind: 'java',
      brokers: broker.address,
      registryUrl: registry.url,
      broker: brokerSwitch,
      stop,
    };
  } catch (error) {
    await reaper.close();
    throw error;
  }
}
