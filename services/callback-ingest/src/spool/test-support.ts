import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Arrival } from '../record/arrival.ts';
import { rowOf } from './row.ts';
import type { Spooled } from './spool.ts';
import { createStore, type Notice, type Store } from './store.ts';

/** For tests: the n-th callback of a story in which each is another one. */
export function arrival(n: number): Arrival {
  const claims = {
    messageId: `order:${n}`,
    attempt: 1 + (n % 3),
    attemptId: `1.a${n}`,
    issuedAtMs: 1_790_000_000_000 + n,
  };
  return {
    callback: { sessionId: `s-${n}`, code: n % 12, caller: { signed: true, claims } },
    atMs: 1_790_000_001_000 + n,
  };
}

export function arrivals(from: number, count: number): readonly Arrival[] {
  return Array.from({ length: count }, (_, i) => arrival(from + i));
}

/** A folder that goes with the test. */
export function temporaryFolder(t: { after(work: () => void): void }): string {
  const dir = mkdtempSync(join(tmpdir(), 'spool-test-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export interface TestedStore extends Store {
  readonly notices: readonly Notice[];
  /** What one keep of all of them ends as. */
  keepAll(kept: readonly Arrival[]): string;
  drop(spooled: readonly Spooled[]): void;
  /** The session ids of all that is in there, after everything was recovered. */
  sessions(): readonly string[];
}

/** Opened and recovered. */
export function openStore(dir: string, maxBytes = 2 ** 26): TestedStore {
  const notices: Notice[] = [];
  const store = createStore({ dir, maxBytes, now: () => Date.now(), tell: (notice) => notices.push(notice) });
  const recover = () => {
    while (store.isRecoveryDue()) store.recover();
  };
  store.probe();
  recover();
  return {
    ...store,
    notices,
    keepAll: (kept) => store.keep([kept.map(rowOf)])[0]?.kind ?? 'nothing',
    drop: (spooled) => store.remove(spooled.map((one) => ({ seq: one.seq, eventId: rowOf(one).eventId }))),
    sessions() {
      recover();
      return store.oldest(1_000_000).map(({ callback }) => callback.sessionId);
    },
  };
}

/** What all files of the spool occupy that are not set aside. */
export function bytesIn(dir: string): number {
  const names = readdirSync(dir).filter((name) => name.startsWith('spool.db'));
  return names.reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
}
