import type { Clock } from '@whatsapp-stream/service-kit';
import type { Answer, Request } from './messages.ts';
import type { Row } from './row.ts';
import type { Kept, Spooled } from './spool.ts';
import type { RowName } from './store.ts';

export interface DeskOptions {
  readonly clock: Clock;
  /** Asked one request at a time. Null: there is nobody to answer. Never rejects. */
  readonly ask: (request: Request) => Promise<Answer | null>;
  /** `trouble` tells something else now. */
  readonly changed: () => void;
}

/** Where what is asked of the spool waits for its turn. Nobody waits longer than `PATIENCE_MS`. */
export interface Desk {
  probe(): Promise<void>;
  keep(rows: readonly Row[]): Promise<Kept>;
  oldest(limit: number): Promise<readonly Spooled[]>;
  /** Also done when nobody waits for it any more. */
  remove(names: readonly RowName[]): Promise<void>;
  /** Resolves when everything before it is done; takes nothing after it. */
  close(): Promise<void>;
  /** Why nothing is kept now, for people: the disk hangs. */
  trouble(): string | null;
}

/** Given to a job that nobody is there for. */
const NOBODY: Answer = { kind: 'answer', kept: [], oldest: [] };
const PATIENCE_MS = 5_000;
const HANGING = `the disk did not answer within ${PATIENCE_MS} ms`;
/** One commit; a larger batch goes alone. */
const MOST_ROWS = 1_000;

interface Job {
  readonly request: Request;
  readonly settle: (answer: Answer, kept?: Kept) => void;
}

/**
 * One request is under way at a time. The keeps that came meanwhile make the next one: one commit, one sync. The
 * order of what was asked is kept.
 */
export function createDesk({ clock, ask, changed }: DeskOptions): Desk {
  let queue: Job[] = [];
  let isBusy = false;
  let isHanging = false;
  let isClosed = false;

  function put(request: Request, settle: Job['settle']): Job {
    const job = { request, settle };
    queue.push(job);
    void work();
    return job;
  }

  function hang(is: boolean): void {
    if (isHanging === is) return;
    isHanging = is;
    changed();
  }

  async function work(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    for (let group = take(queue); group.length > 0; group = take(queue)) {
      queue = queue.slice(group.length);
      const stop = clock.after(PATIENCE_MS, () => hang(true));
      const answer = await ask(requestOf(group));
      stop();
      hang(false);
      for (const [index, job] of group.entries()) job.settle(answer ?? NOBODY, answer?.kept[index]);
    }
    isBusy = false;
  }

  /** @param isDropped whether it is not even begun when its time is over before */
  function patiently<T>(
    request: Request,
    late: T,
    read: (answer: Answer, kept?: Kept) => T,
    isDropped: boolean,
  ) {
    return new Promise<T>((resolve) => {
      const stop = clock.after(PATIENCE_MS, () => {
        if (isDropped) queue = queue.filter((one) => one !== job);
        resolve(late);
      });
      const job = put(request, (answer, kept) => {
        stop();
        resolve(read(answer, kept));
      });
      if (isHanging && !isDropped) resolve(late);
    });
  }

  return {
    probe: () => patiently({ kind: 'probe' }, undefined, () => undefined, true),
    async keep(rows) {
      if (rows.length === 0) return { kind: 'kept' };
      if (isClosed) return { kind: 'broken', why: 'the spool is closed' };
      const late: Kept = { kind: 'broken', why: HANGING };
      if (isHanging) return late;
      const ended: Kept = { kind: 'broken', why: 'the thread of the spool has ended' };
      return patiently({ kind: 'keep', batches: [rows] }, late, (_, kept) => kept ?? ended, true);
    },
    async oldest(limit) {
      if (isClosed || isHanging) return [];
      return patiently({ kind: 'oldest', limit }, [], ({ oldest }) => oldest, true);
    },
    async remove(names) {
      if (isClosed || names.length === 0) return;
      await patiently({ kind: 'remove', names }, undefined, () => undefined, false);
    },
    close() {
      isClosed = true;
      return new Promise((resolve) => put({ kind: 'close' }, () => resolve()));
    },
    trouble: () => (isHanging ? HANGING : null),
  };
}

/** @returns the jobs that make the next request: one, or keeps that came after one another */
function take(queue: readonly Job[]): readonly Job[] {
  let rows = 0;
  let count = 0;
  for (const { request } of queue) {
    if (request.kind !== 'keep') break;
    rows += request.batches.reduce((sum, batch) => sum + batch.length, 0);
    if (count > 0 && rows > MOST_ROWS) break;
    count += 1;
  }
  return queue.slice(0, Math.max(count, 1));
}

function requestOf(group: readonly Job[]): Request {
  const keeps = group.flatMap(({ request }) => (request.kind === 'keep' ? request.batches : []));
  const [first] = group;
  return first && first.request.kind !== 'keep' ? first.request : { kind: 'keep', batches: keeps };
}
