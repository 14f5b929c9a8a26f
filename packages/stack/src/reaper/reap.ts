import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from './targets.ts';

const TERM_GRACE_MS = 3_500;
const KILL_GRACE_MS = 1_000;
const POLL_MS = 25;

/** @returns false when the group is gone */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

async function waitUntilGone(pids: readonly number[], withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (pids.some((pid) => signalGroup(pid, 0)) && performance.now() < deadline) await sleep(POLL_MS);
}

async function endProcessGroups(pids: readonly number[]): Promise<void> {
  for (const pid of pids) signalGroup(pid, 'SIGTERM');
  await waitUntilGone(pids, TERM_GRACE_MS);
  for (const pid of pids) signalGroup(pid, 'SIGKILL');
  await waitUntilGone(pids, KILL_GRACE_MS);
}

/** Loaded only when there is a container, because the container library is large. */
async function removeContainers(names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const { removeContainer } = await import('../docker/engine.ts');
  await Promise.all(names.map(removeContainer));
}

/**
 * Ends processes (SIGTERM, then SIGKILL for what is left of the group) and removes containers, then deletes
 * folders. What is gone already is no error; never throws. Takes 5 s at most, but for slow engines and disks.
 */
export async function reap(targets: Iterable<Target>): Promise<void> {
  const all = [...targets];
  const ids = (kind: Target['kind']) => all.filter((target) => target.kind === kind).map(({ id }) => id);
  await Promise.allSettled([
    endProcessGroups(ids('process').map(Number)),
    removeContainers(ids('container')),
  ]);
  await Promise.allSettled(
    ids('folder').map((path) => rm(path, { recursive: true, force: true, maxRetries: 3 })),
  );
}
