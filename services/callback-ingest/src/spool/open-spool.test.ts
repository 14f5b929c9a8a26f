import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '@whatsapp-stream/service-kit';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { createDesk } from './desk.ts';
import type { Answer, Request } from './messages.ts';
import { openSpool } from './open-spool.ts';
import { rowOf } from './row.ts';
import { arrival, arrivals, openStore, temporaryFolder } from './test-support.ts';

function open(dir: string, maxBytes = 2 ** 26) {
  const lines: string[] = [];
  const say = (first: unknown, line?: unknown) =>
    lines.push(`${JSON.stringify(first)} ${String(line ?? '')}`);
  const log = { info: say, warn: say, error: say };
  return { spool: openSpool({ dir, maxBytes, log, clock: systemClock }), lines };
}

/** A small disk of its own; null, and the test skipped, where that is not allowed. */
function mountSmallDisk(t: TestContext): string | null {
  const dir = mkdtempSync(join(tmpdir(), 'spool-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', dir], { stdio: 'pipe' });
  } catch {
    rmSync(dir, { recursive: true });
    t.skip('a file system cannot be mounted here');
    return null;
  }
  t.after(() => {
    execFileSync('umount', ['-l', dir]);
    rmSync(dir, { recursive: true });
  });
  return dir;
}

test('many callers at a time: everything is kept in the order of the calls, and is there for the next process', async (t) => {
  const dir = temporaryFolder(t);
  const first = open(dir);
  const kept = await Promise.all(arrivals(0, 500).map((one) => first.spool.keep([one])));
  assert.ok(kept.every(({ kind }) => kind === 'kept'));
  assert.equal(first.spool.state().events, 500);
  await first.spool.forget([arrival(0)]);
  await first.spool.close();
  assert.deepEqual(await first.spool.keep([arrival(1)]), { kind: 'broken', why: 'the spool is closed' });

  const second = open(dir);
  const oldest = await second.spool.oldest(1_000);
  assert.deepEqual(
    oldest.map(({ callback }) => callback.sessionId),
    arrivals(1, 499).map(({ callback }) => callback.sessionId),
  );
  await second.spool.remove(oldest);
  assert.equal(second.spool.state().events, 0);
  await second.spool.close();
});

test('damage is logged and counted, and no line tells what is in a row', async (t) => {
  const dir = temporaryFolder(t);
  const before = openStore(dir);
  before.keepAll(arrivals(0, 100));
  before.close();
  const file = openSync(join(dir, 'spool.db'), 'r+');
  writeSync(file, Buffer.alloc(100), 0, 100, 0);
  closeSync(file);
  const { spool, lines } = open(dir);
  while (spool.counts().rowsRecovered === 0) await spool.oldest(1);
  assert.deepEqual(spool.counts(), { filesSetAside: 1, rowsRecovered: 100, rowsUnreadable: 0 });
  assert.equal((await spool.oldest(1_000)).length, 100);
  assert.doesNotMatch(lines.join('\n'), /s-\d|order:/);
  const linesBefore = lines.length;
  await spool.close();
  assert.equal(lines.length, linesBefore);
});

test('a disk without room is full, loses nothing that was kept, and drained it takes callbacks again', (t) => {
  const dir = mountSmallDisk(t);
  if (dir === null) return;
  const store = openStore(dir, 2 ** 30);
  let kept = 0;
  while (store.keepAll(arrivals(kept, 20)) === 'kept') kept += 20;
  assert.equal(store.keepAll(arrivals(kept, 20)), 'full');
  assert.notEqual(store.state().trouble, null);
  const drained = new Set<string>();
  for (let batch = store.oldest(100); batch.length > 0; batch = store.oldest(100)) {
    for (const { callback } of batch) drained.add(callback.sessionId);
    store.drop(batch);
  }
  for (const { callback } of arrivals(0, kept)) assert.ok(drained.has(callback.sessionId));
  store.probe();
  assert.equal(store.keepAll(arrivals(20_000, 20)), 'kept');
  assert.equal(store.state().trouble, null);
  store.close();
});

/** Doubled: the thread and the clock. Observed: what the thread is asked, and what callers hear. */
function setUpDesk() {
  const clock = manualClock();
  const asked: { request: Request; answer(answer: Answer | null): void }[] = [];
  let changes = 0;
  const desk = createDesk({
    clock,
    ask: (request) => new Promise((resolve) => asked.push({ request, answer: resolve })),
    changed: () => {
      changes += 1;
    },
  });
  return { clock, asked, desk, changes: () => changes };
}

const keptAs = (count: number): Answer => ({
  kind: 'answer',
  kept: Array(count).fill({ kind: 'kept' }),
  oldest: [],
});

test('what is to be kept while a commit is under way makes the next one', async () => {
  const { clock, asked, desk } = setUpDesk();
  const keeps = [0, 1, 2].map((n) => desk.keep([rowOf(arrival(n))]));
  asked[0]?.answer(keptAs(1));
  await clock.advance(0);
  const next = asked[1]?.request;
  assert.equal(next?.kind === 'keep' && next.batches.length, 2);
  asked[1]?.answer(keptAs(2));
  assert.deepEqual(await Promise.all(keeps), Array(3).fill({ kind: 'kept' }));
});

test('a disk that hangs is told after 5 s to who waits, and at once to who comes then, until it answers', async () => {
  const { clock, asked, desk, changes } = setUpDesk();
  const waiting = [desk.keep([rowOf(arrival(0))]), desk.keep([rowOf(arrival(1))])];
  await clock.advance(5_000);
  for (const kept of await Promise.all(waiting)) assert.equal(kept.kind, 'broken');
  assert.equal((await desk.keep([rowOf(arrival(2))])).kind, 'broken');
  assert.deepEqual(await desk.oldest(1), []);
  await desk.remove([{ eventId: 'x' }]);
  assert.notEqual(desk.trouble(), null);
  asked[0]?.answer(keptAs(1));
  await clock.advance(0);
  assert.equal(desk.trouble(), null);
  assert.equal(changes(), 2);
  assert.deepEqual(
    asked.map(({ request }) => request.kind),
    ['keep', 'remove'],
  );
});

test('a thread that ends leaves nobody waiting', async () => {
  const { asked, desk } = setUpDesk();
  const kept = desk.keep([rowOf(arrival(0))]);
  asked[0]?.answer(null);
  assert.equal((await kept).kind, 'broken');
});
