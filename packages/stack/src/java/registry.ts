import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reaper } from '../reaper/reaper.ts';
import { awaitReady, type ServerProcess, spawnServer } from '../server-process.ts';
import { StackError } from '../stack.ts';
import { REGISTRY_API_PATH } from '../versions.ts';
import { jvmOptions } from './jvm.ts';

const HEAP_MB = 256;
const READY_WITHIN_MS = 120_000;
const PROBE_TIMEOUT_MS = 2_000;

export interface RegistryPlan {
  readonly java: string;
  readonly jar: string;
  /** Holds log and data; made when missing. */
  readonly folder: string;
  /** Keeps schemas in `folder` instead of in memory. */
  readonly keep: boolean;
  readonly reaper: Reaper;
}

export interface Registry {
  readonly url: string;
  readonly process: ServerProcess;
}

/** Quarkus is given port 0 and says which one it got, so no port can be lost to another process. */
async function listeningAt(logFile: string): Promise<string | undefined> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  const all = [...text.matchAll(/Listening on: (http:\/\/127\.0\.0\.1:\d+)/g)];
  return all.at(-1)?.[1];
}

async function registryAt(logFile: string): Promise<string | undefined> {
  const base = await listeningAt(logFile);
  if (base === undefined) return undefined;
  const url = base + REGISTRY_API_PATH;
  const answer = await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).catch(
    () => undefined,
  );
  await answer?.body?.cancel();
  return answer?.ok ? url : undefined;
}

/**
 * Starts the registry on 127.0.0.1 and resolves when its Confluent API answers.
 * @throws StackError with the last lines of its log
 */
export async function startRegistry({ java, jar, folder, keep, reaper }: RegistryPlan): Promise<Registry> {
  await mkdir(folder, { recursive: true });
  const storage = keep ? [`-Dapicurio.datasource.url=jdbc:h2:file:${join(folder, 'schemas')}`] : [];
  const args = [
    ...jvmOptions(folder, HEAP_MB),
    '-Dquarkus.http.host=127.0.0.1',
    '-Dquarkus.http.port=0',
    '-Dquarkus.http.access-log.enabled=false',
    '-Dquarkus.log.category."io.quarkus".level=INFO',
    '-Dquarkus.banner.enabled=false',
    ...storage,
    '-jar',
    jar,
  ];
  const process = spawnServer({ program: java, args, folder, logFile: join(folder, 'registry.log') }, reaper);
  const readiness = await awaitReady(process, () => registryAt(process.logFile), READY_WITHIN_MS);
  if (readiness.outcome === 'ready') return { url: readiness.value, process };
  throw new StackError(`The registry ${readiness.reason}; the end of its log:\n${readiness.log}`);
}
