import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { Reaper } from '../reaper/reaper.ts';
import { StackError } from '../stack.ts';
import { KAFKA_VERSION, REGISTRY_VERSION } from '../versions.ts';
import { runMaven } from './maven.ts';
import type { JavaTools } from './tools.ts';

/** Where the unpacked programs are. */
export interface JavaPackages {
  /** Class path of Kafka. */
  readonly kafkaClassPath: string;
  /** The registry's executable jar. */
  readonly registryJar: string;
}

export interface PackagesContext {
  readonly tools: JavaTools;
  readonly env: NodeJS.ProcessEnv;
  readonly reaper: Reaper;
  readonly report: (line: string) => void;
}

interface Package {
  readonly name: string;
  readonly goal: 'copy-dependencies' | 'unpack';
  /** A file that it must hold. */
  readonly mainFile: string;
}

const KAFKA: Package = {
  name: `kafka-${KAFKA_VERSION}`,
  goal: 'copy-dependencies',
  mainFile: `kafka_2.13-${KAFKA_VERSION}.jar`,
};
const REGISTRY: Package = {
  name: `apicurio-registry-${REGISTRY_VERSION}`,
  goal: 'unpack',
  mainFile: `apicurio-registry-app-${REGISTRY_VERSION}-runner.jar`,
};

/** A relative XDG_CACHE_HOME counts as none: https://specifications.freedesktop.org/basedir/latest/ */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const xdg = env['XDG_CACHE_HOME'];
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache');
  return join(base, 'whatsapp-stream');
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Fills a temporary sibling and renames it, so that a folder under the final name is always whole: a run
 * that is killed leaves nothing there, and of two runs at once the second keeps what the first one put.
 */
async function fill(item: Package, folder: string, maven: string, context: PackagesContext): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const id = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  const temporary = { kind: 'folder', id } as const;
  context.reaper.watch(temporary);
  try {
    await runMaven({ ...context, maven, goal: item.goal, into: id });
    if (!(await exists(join(id, item.mainFile)))) {
      throw new StackError(`Maven resolved ${item.name} without ${item.mainFile}`);
    }
    await rename(id, folder).catch(async (error: unknown) => {
      if (!(await exists(join(folder, item.mainFile)))) throw error;
    });
  } finally {
    await rm(id, { recursive: true, force: true });
    context.reaper.forget(temporary);
  }
}

/**
 * Makes sure that Kafka and the registry are in the cache. Maven is needed only when they are not.
 * @throws StackError when they cannot be had, with what to do
 */
export async function ensurePackages(context: PackagesContext): Promise<JavaPackages> {
  const cache = cacheFolder(context.env);
  const missing: Package[] = [];
  for (const item of [KAFKA, REGISTRY]) if (!(await exists(join(cache, item.name)))) missing.push(item);
  const [first] = missing;
  if (first !== undefined) {
    const { maven } = context.tools;
    if (maven === undefined) {
      throw new StackError(
        `${first.name} is not in ${cache} yet, and mvn is not on the PATH. Install Maven, or Docker.`,
      );
    }
    const start = performance.now();
    context.report(`The first start fetches Kafka and the registry with Maven (some 170 MB) into ${cache}`);
    // One after the other: Maven's local repository is not made for two writers at once.
    for (const item of missing) await fill(item, join(cache, item.name), maven, context);
    context.report(
      `Kafka and the registry are in place (${((performance.now() - start) / 1_000).toFixed(1)} s)`,
    );
  }
  return {
    kafkaClassPath: join(cache, KAFKA.name, '*'),
    registryJar: join(cache, REGISTRY.name, REGISTRY.mainFile),
  };
}
