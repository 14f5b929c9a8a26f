import { setTimeout as sleep } from 'node:timers/promises';
import { type ContainerRuntimeClient, getContainerRuntimeClient, ImageName } from 'testcontainers';

const ENGINE_TIMEOUT_MS = 10_000;
const REMOVE_TRIES = 5;
const REMOVE_PAUSE_MS = 1_000;
const NOT_FOUND = 404;

export type EngineFound =
  | { readonly outcome: 'found'; readonly engine: ContainerRuntimeClient }
  /** `reason` is a clause for people. */
  | { readonly outcome: 'missing'; readonly reason: string };

/** Finds the engine as testcontainers does: its own settings, DOCKER_HOST, the usual sockets. */
export async function findEngine(): Promise<EngineFound> {
  const tooLate = new AbortController();
  const silence = sleep(ENGINE_TIMEOUT_MS, undefined, { signal: tooLate.signal }).then(() => undefined);
  try {
    const engine = await Promise.race([getContainerRuntimeClient(), silence]);
    if (engine !== undefined) return { outcome: 'found', engine };
    return { outcome: 'missing', reason: `no Docker engine answered within ${ENGINE_TIMEOUT_MS / 1_000} s` };
  } catch {
    return { outcome: 'missing', reason: 'no Docker engine answers' };
  } finally {
    silence.catch(() => {});
    tooLate.abort();
  }
}

/**
 * Pulls an image unless it is there. A pull can fail in the middle without an error, so what counts is
 * whether the image is there afterwards.
 * @returns why it cannot be had, or undefined
 */
export async function ensureImage(
  engine: ContainerRuntimeClient,
  name: string,
  report: (line: string) => void,
): Promise<string | undefined> {
  const image = ImageName.fromString(name);
  try {
    if (await engine.image.exists(image)) return undefined;
    report(`Pulling ${name} …`);
    await engine.image.pull(image);
    return (await engine.image.exists(image)) ? undefined : 'the pull did not complete';
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).trim();
  }
}

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && 'statusCode' in error && error.statusCode === NOT_FOUND;

/**
 * Removes a container with its volumes, running or not. One that is not there is asked for again a few
 * times: whoever created it may have been killed after asking the engine for it.
 */
export async function removeContainer(name: string): Promise<void> {
  const engine = await getContainerRuntimeClient();
  for (let attempt = 1; attempt <= REMOVE_TRIES; attempt++) {
    try {
      return await engine.container.dockerode.getContainer(name).remove({ force: true, v: true });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    await sleep(REMOVE_PAUSE_MS);
  }
}
