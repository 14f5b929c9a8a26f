import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { rowOf } from './row.ts';
import { arrival, arrivals, bytesIn, openStore, temporaryFolder } from './test-support.ts';

/** Nothing is doubled: real files, and real processes that are killed. */
const HOLDER = fileURLToPath(new URL('test-support-holder.ts', import.meta.url));
const sessionsOf = (from: number, count: number) =>
  arrivals(from, count).map(({ callback }) => callback.sessionId);

/** Another process that has kept the callbacks 0 to 99 and holds the spool. */
async function startHolder(dir: string) {
  const holder = spawn(process.execPath, [HOLDER, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  return {
    async kill() {
      const ended = once(holder, 'exit');
      holder.kill('SIGKILL');
      await ended;
    },
  };
}

test('callbacks come out as they went in, in their order, and stay until they are removed', (t) => {
  const store = openStore(temporaryFolder(t));
  assert.equal(store.keepAll(arrivals(0, 5)), 'kept');
  assert.equal(store.keepAll(arrivals(5, 5)), 'kept');
  const first = store.oldest(3);
  assert.deepEqual(
    first,
    arrivals(0, 3).map((one, i) => ({ ...one, seq: i + 1 })),
  );
  store.drop(first);
  assert.deepEqual(store.sessions(), sessionsOf(3, 7));
  assert.equal(store.state().events, 7);
  store.remove([{ eventId: rowOf(arrival(6)).eventId }, { eventId: rowOf(arrival(99)).eventId }]);
  assert.deepEqual(store.sessions(), [...sessionsOf(3, 3), ...sessionsOf(7, 3)]);
  store.close();
});

test('the same event is kept once, as it came first', (t) => {
  const store = openStore(temporaryFolder(t));
  const later = { ...arrival(1), atMs: arrival(1).atMs + 5_000 };
  assert.equal(store.keepAll([arrival(1), later]), 'kept');
  assert.equal(store.keepAll([later]), 'kept');
  assert.deepEqual(store.oldest(10), [{ ...arrival(1), seq: 1 }]);
  assert.equal(store.state().events, 1);
  store.close();
});

test('a removal that names a place where another event is now removes nothing', (t) => {
  const store = openStore(temporaryFolder(t));
  store.keepAll(arrivals(0, 2));
  store.remove([{ seq: 1, eventId: rowOf(arrival(1)).eventId }]);
  assert.deepEqual(store.sessions(), sessionsOf(0, 2));
  store.close();
});

test('the folder and its files are for us alone', (t) => {
  const dir = join(temporaryFolder(t), 'made', 'by us');
  const store = openStore(dir);
  store.keepAll(arrivals(0, 1));
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  for (const name of ['spool.db', 'spool.db-wal', 'spool.lock'])
    assert.equal(statSync(join(dir, name)).mode & 0o777, 0o600, name);
  store.close();
});

test('the bound holds at every moment, a keep that would break it leaves nothing, and drained space is there again', (t) => {
  const dir = temporaryFolder(t);
  const maxBytes = 2 ** 20;
  const store = openStore(dir, maxBytes);
  for (let round = 0; round < 2; round += 1) {
    let kept = 0;
    while (store.keepAll(arrivals(kept, 50)) === 'kept') {
      kept += 50;
      assert.ok(bytesIn(dir) <= maxBytes);
    }
    assert.ok(kept > 500, `only ${kept}`);
    assert.equal(store.state().events, kept);
    assert.notEqual(store.state().trouble, null);
    for (let batch = store.oldest(100); batch.length > 0; batch = store.oldest(100)) {
      store.drop(batch);
      assert.ok(bytesIn(dir) <= maxBytes);
    }
    assert.equal(store.state().trouble, null);
    store.probe();
    assert.equal(store.state().trouble, null);
    assert.ok(bytesIn(dir) < 100_000, `${bytesIn(dir)} bytes are left`);
  }
  store.close();
});

test('where not all batches fit, each is kept or refused by itself', (t) => {
  const store = openStore(temporaryFolder(t), 2 ** 20);
  const [small, large, other] = store.keep(
    [[arrival(0)], arrivals(1, 5_000), [arrival(9_000)]].map((one) => one.map(rowOf)),
  );
  assert.deepEqual([small?.kind, large?.kind, other?.kind], ['kept', 'full', 'kept']);
  assert.equal(store.state().events, 2);
  store.close();
});

test('what was kept is there after the process was killed, and its spool is locked until then', async (t) => {
  const dir = temporaryFolder(t);
  const holder = await startHolder(dir);
  const store = openStore(dir);
  assert.equal(store.keepAll(arrivals(0, 1)), 'broken');
  assert.match(store.state().trouble ?? '', /SPOOL_DIR is in use by another process/);
  await holder.kill();
  store.probe();
  assert.equal(store.state().trouble, null);
  assert.deepEqual(store.sessions(), sessionsOf(0, 100));
  assert.deepEqual(store.notices, []);
  store.close();
});

test('a file of a newer version is left as it is', (t) => {
  const dir = temporaryFolder(t);
  const path = join(dir, 'spool.db');
  const newer = new DatabaseSync(path);
  newer.exec(`CREATE TABLE t (x); PRAGMA user_version = 2; PRAGMA application_id = ${0x57685302}`);
  newer.close();
  const before = readFileSync(path);
  const store = openStore(dir);
  assert.match(store.state().trouble ?? '', /version 2/);
  store.close();
  assert.deepEqual(readFileSync(path), before);
});

test('a row that cannot be read is moved aside and holds up nobody, and its event can be kept again', (t) => {
  const dir = temporaryFolder(t);
  const before = openStore(dir);
  before.keepAll(arrivals(0, 4));
  before.close();
  const db = new DatabaseSync(join(dir, 'spool.db'));
  db.exec(`UPDATE callbacks SET text = replace(text, 's-0', 's-9') WHERE seq = 1;
    UPDATE callbacks SET text = 'nonsense' WHERE seq = 3`);
  db.close();
  const store = openStore(dir);
  assert.equal(store.keepAll([arrival(2)]), 'kept');
  assert.deepEqual(
    store.oldest(1).map(({ seq }) => seq),
    [2],
  );
  assert.deepEqual(store.sessions(), ['s-1', 's-3', 's-2']);
  assert.deepEqual(store.notices, [{ kind: 'unreadable', rows: 1 }]);
  assert.equal(store.state().events, 3);
  store.close();
  const after = new DatabaseSync(join(dir, 'spool.db'));
  assert.deepEqual(
    after
      .prepare('SELECT seq FROM unreadable ORDER BY seq')
      .all()
      .map((row) => row['seq']),
    [1, 3],
  );
  after.close();
});

test('a folder that cannot be used is told, and used as soon as it can be', (t) => {
  const dir = join(temporaryFolder(t), 'spool');
  writeFileSync(dir, 'a file in its place');
  const store = openStore(dir);
  assert.equal(store.keepAll(arrivals(0, 1)), 'broken');
  assert.notEqual(store.state().trouble, null);
  rmSync(dir);
  store.probe();
  assert.equal(store.keepAll(arrivals(0, 1)), 'kept');
  store.close();
});

test('a folder that is removed while its file cannot be opened is made again', (t) => {
  const dir = join(temporaryFolder(t), 'spool');
  mkdirSync(dir);
  const newer = new DatabaseSync(join(dir, 'spool.db'));
  newer.exec(`CREATE TABLE t (x); PRAGMA user_version = 2; PRAGMA application_id = ${0x57685302}`);
  newer.close();
  const store = openStore(dir);
  assert.match(store.state().trouble ?? '', /version 2/);
  rmSync(dir, { recursive: true });
  store.probe();
  assert.equal(store.state().trouble, null);
  assert.equal(store.keepAll(arrivals(0, 1)), 'kept');
  store.close();
});

test('a file that was taken away from below is noticed, and a new one begun', (t) => {
  const dir = temporaryFolder(t);
  const store = openStore(dir);
  for (const name of ['spool.db', 'spool.db-wal', 'spool.lock']) rmSync(join(dir, name), { force: true });
  store.probe();
  assert.match(store.state().trouble ?? '', /no longer in its folder/);
  store.probe();
  assert.equal(store.keepAll(arrivals(0, 1)), 'kept');
  assert.ok(existsSync(join(dir, 'spool.db')));
  store.close();
});
