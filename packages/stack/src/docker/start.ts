import type { ContainerRuntimeClient, StartedTestContainer } from 'testcontainers';
import { startReaper } from '../reaper/reaper.ts';
import type { Stack, StartContext } from '../stack.ts';
import { KAFKA_VERSION, REGISTRY_VERSION } from '../versions.ts';
import { KAFKA_IMAGE, startBroker } from './broker.ts';
import { ensureImage } from './engine.ts';
import { REGISTRY_IMAGE, startRegistry } from './registry.ts';
import type { Surroundings } from './surroundings.ts';

const STOP_GRACE_MS = 4_000;

export type DockerStart =
  | { readonly outcome: 'started'; readonly stack: Stack }
  | { readonly outcome: 'no-images'; readonly reason: string };

/** `localhost` can mean ::1 first, where nothing listens. */
const hostOf = (engine: ContainerRuntimeClient): string => {
  const { host } = engine.info.containerRuntime;
  return host === 'localhost' ? '127.0.0.1' : host;
};

async function startBoth(around: Surroundings, report: StartContext['report']) {
  const start = performance.now();
  const took = () => `${((performance.now() - start) / 1_000).toFixed(1)} s`;
  report(`Starting Apache Kafka ${KAFKA_VERSION} and Apicurio Registry ${REGISTRY_VERSION} with Docker`);
  return Promise.all([
    startBroker(around).then((broker) => {
      report(`Kafka answers at ${broker.address} (${took()})`);
      return broker;
    }),
    startRegistry(around).then((registry) => {
      report(`The schema registry answers at ${registry.url} (${took()})`);
      return registry;
    }),
  ]);
}

/** Kept data deserves a clean end; what is temporary is just removed by the reaper. */
function createStop(containers: readonly StartedTestContainer[], around: Surroundings): () => Promise<void> {
  const end = (container: StartedTestContainer) => container.stop({ timeout: STOP_GRACE_MS, remove: false });
  const stopOnce = async () => {
    if (around.dataDir !== undefined) await Promise.allSettled(containers.map(end));
    await around.reaper.close();
  };
  let stopping: Promise<void> | undefined;
  return () => {
    stopping ??= stopOnce();
    return stopping;
  };
}

/**
 * Starts broker and registry as containers. Images that cannot be had are an outcome, so that another way
 * can be taken.
 * @throws StackError when a container does not start; nothing is left then
 */
export async function startDockerStack(
  engine: ContainerRuntimeClient,
  context: StartContext,
): Promise<DockerStart> {
  for (const image of [KAFKA_IMAGE, REGISTRY_IMAGE]) {
    const trouble = await ensureImage(engine, image, context.report);
    if (trouble !== undefined) return { outcome: 'no-images', reason: `${image} cannot be had: ${trouble}` };
  }
  const host = hostOf(engine);
  const reaper = startReaper();
  const around = { host, loopbackOnly: host === '127.0.0.1', dataDir: context.dataDir, reaper };
  try {
    const [broker, registry] = await startBoth(around, context.report);
    const stop = createStop([broker.container, registry.container], around);
    const stack = { kind: 'docker', brokers: broker.address, registryUrl: registry.url, stop } as const;
    return { outcome: 'started', stack };
  } catch (error) {
    await reaper.close();
    throw error;
  }
}
