import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { reap } from './reap.ts';
import { formatOrder, type Target } from './targets.ts';

/** Ends what this process started, even if this process is killed. */
export interface Reaper {
  /** From now on the target is ended when this process is gone, or on `close`; at once when closed already. */
  watch(target: Target): void;
  /** Takes the target off the list: it has ended by itself. */
  forget(target: Target): void;
  /** Ends all that is watched and lets the reaper go. Can be called again: it is then the same closing. */
  close(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('./main.ts', import.meta.url));

/**
 * Starts the reaper: a process of its own, in a session of its own, that learns through a pipe what to end
 * and that this process is gone. It does not keep this process alive.
 */
export function startReaper(): Reaper {
  const child = spawn(process.execPath, [PROGRAM], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = once(child, 'exit').catch(() => {});
  child.unref();
  // A reaper that was killed cannot be told anything; closing then still ends the targets from here.
  child.stdin.on('error', () => {});

  let closing: Promise<void> | undefined;
  const targets = new Map<string, Target>();
  const tell = (forget: boolean, target: Target) => child.stdin.write(`${formatOrder({ forget, target })}\n`);

  const watch = (target: Target) => {
    if (closing !== undefined) return void reap([target]);
    targets.set(formatOrder({ forget: false, target }), target);
    tell(false, target);
  };
  const forget = (target: Target) => {
    if (targets.delete(formatOrder({ forget: false, target }))) tell(true, target);
  };
  const closeOnce = async () => {
    const watched = [...targets.values()];
    await reap(watched);
    for (const target of watched) forget(target);
    child.ref();
    child.stdin.end();
    await ended;
  };
  return {
    watch,
    forget,
    close: () => {
      closing ??= closeOnce();
      return closing;
    },
  };
}
