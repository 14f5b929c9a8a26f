import { type Clock, type Logger, sleep } from '@whatsapp-stream/service-kit';
import type { Arrival } from '../record/arrival.ts';
import { within } from '../within.ts';
import { createDesk } from './desk.ts';
import type { Said } from './messages.ts';
import { eventIdOf, rowOf } from './row.ts';
import type { Spool, SpoolState } from './spool.ts';
import type { Notice } from './store.ts';
import { type SpoolThread, startThread } from './thread.ts';

export interface SpoolOptions {
  /** Made where it is missing. */
  readonly dir: string;
  /** Bound of the file and its log together. */
  readonly maxBytes: number;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly clock: Clock;
}

/** What happened to the spool since it was opened. */
export interface SpoolCounts {
  readonly filesSetAside: number;
  readonly rowsRecovered: number;
  readonly rowsUnreadable: number;
}

export interface DiskSpool extends Spool {
  counts(): SpoolCounts;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
const OPENING = 'it is being opened';
/** Of the three seconds that closing may take. */
const CLOSE_WITHIN_MS = 2_500;
/** A thread that hangs in the disk cannot be ended. */
const END_WITHIN_MS = 400;

/**
 * Opens the spool in a thread of its own, at once: what is kept meanwhile waits. Whatever is wrong with the disk is
 * told by `state()` and by what `keep` resolves to, and it is tried again after 1 s, then 2 s, up to 30 s. A disk
 * that is well is tried every 30 s, so that trouble is known before the spool is needed.
 */
export function openSpool({ dir, maxBytes, log, clock }: SpoolOptions): DiskSpool {
  const closing = new AbortController();
  const counting = createCounting(log);
  let known: SpoolState = { events: 0, bytes: 0, trouble: OPENING };
  let told: string | null = null;
  let thread: SpoolThread | null = null;
  let wake = () => {};
  const desk = createDesk({
    clock,
    ask: (request) => thread?.ask(request) ?? Promise.resolve(null),
    changed: look,
  });

  function state(): SpoolState {
    return { ...known, trouble: known.trouble ?? desk.trouble() };
  }

  function look(): void {
    const { trouble } = state();
    if (trouble === told || closing.signal.aborted) return;
    if (trouble !== null) log.error({ why: trouble }, 'the spool can keep no callbacks');
    else log.info('the spool can keep callbacks again');
    if (told === null) wake();
    told = trouble;
  }

  function learn(next: SpoolState): void {
    known = next;
    look();
  }

  function start(): SpoolThread {
    return startThread(
      { dir, maxBytes },
      {
        said(said: Extract<Said, { kind: 'state' | 'notice' }>) {
          if (said.kind === 'notice') counting.add(said.notice);
          else learn(said.state);
        },
        ended(why) {
          thread = null;
          if (!closing.signal.aborted) learn({ ...known, trouble: why });
        },
      },
    );
  }

  /** Until it is woken by trouble, or closed. */
  function rest(): Promise<void> {
    const waking = new AbortController();
    wake = () => waking.abort();
    return sleep(clock, LONGEST_PAUSE_MS, AbortSignal.any([closing.signal, waking.signal]));
  }

  async function watch(): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; !closing.signal.aborted; ) {
      thread ??= start();
      await desk.probe();
      if (state().trouble === null) {
        await rest();
        pauseMs = FIRST_PAUSE_MS;
        if (state().trouble === null) continue;
      }
      await sleep(clock, pauseMs, closing.signal);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  async function close(): Promise<void> {
    closing.abort();
    await within(desk.close(), CLOSE_WITHIN_MS, clock);
    if (thread) await within(thread.end(), END_WITHIN_MS, clock);
  }

  void watch();
  let closed: Promise<void> | undefined;
  return {
    keep: (arrivals) => desk.keep(arrivals.map(rowOf)),
    oldest: (limit) => desk.oldest(limit),
    remove: (spooled) => desk.remove(spooled.map((one) => ({ seq: one.seq, eventId: eventIdOf(one) }))),
    forget: (arrivals: readonly Arrival[]) =>
      desk.remove(arrivals.map((one) => ({ eventId: eventIdOf(one) }))),
    state,
    counts: counting.counts,
    close() {
      closed ??= close();
      return closed;
    },
  };
}

/** Logs what happens to the spool's files, and counts it. */
function createCounting(log: SpoolOptions['log']) {
  const counts = { filesSetAside: 0, rowsRecovered: 0, rowsUnreadable: 0 };
  return {
    counts: (): SpoolCounts => ({ ...counts }),
    add(notice: Notice) {
      switch (notice.kind) {
        case 'set-aside':
          counts.filesSetAside += notice.files.length;
          return log.error(
            { files: notice.files, why: notice.why },
            'the spool is damaged: set aside, recovering',
          );
        case 'recovered':
          counts.rowsRecovered += notice.rows;
          return log.warn(
            { file: notice.file, rows: notice.rows },
            'recovered what can be read of a damaged file',
          );
        case 'unreadable':
          counts.rowsUnreadable += notice.rows;
          return log.error(
            { rows: notice.rows },
            'rows of the spool cannot be read: moved to the table unreadable',
          );
        case 'begun-anew':
          return log.warn('Kafka has all of the spool, but the disk had no room to delete it: begun anew');
      }
    },
  };
}
