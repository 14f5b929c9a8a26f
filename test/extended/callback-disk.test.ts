/**
 * callback-ingest, a process of its own, on a disk that misbehaves: the spool's folder is removed, is a file, is
 * read-only, is another instance's, its file is damaged. Real: Kafka, the way to which is cut, and the file system.
 * Doubled: Verihubs, by the calls made here. Observed: answers, `/readyz`, metrics, log lines, the status topic, the
 * spool's folder.
 */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Verdict } from '../support/callback-judge.ts';
import { type CallbackWorld, countOf, startCallbackWorld } from '../support/callback-world.ts';
import { damage, intactRows } from '../support/damage.ts';
import type { IngestProcess } from '../support/ingest-process.ts';
import { seededRandom } from '../support/random.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { useStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const MIB = 2 ** 20;
const USABLE = 'whatsapp_callback_spool_usable';

const stack = await useStack();

async function world(t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<CallbackWorld> {
  const own = await startCallbackWorld(stack, { seed: 4, env });
  t.after(() => own[Symbol.asyncDispose]());
  return own;
}

/** Resolves when it has Kafka, and its spool. */
const connected = ({ ingest, spoolDir }: CallbackWorld) =>
  until('Kafka and the spool are there', async () => {
    const isUp = (await ingest.metric('whatsapp_callback_kafka_up')) === 1;
    return isUp && existsSync(join(spoolDir, 'spool.db'));
  });

/** Resolves when `/readyz` says so: what is wrong with a disk is known a moment after the start. */
const says = (ingest: IngestProcess, status: number, text: RegExp) =>
  until(`/readyz says ${status} and ${text}`, async () => {
    const answer = await ingest.ready();
    return answer.status === status && text.test(answer.text);
  });

/** Tries until a callback is answered 200. */
const untilTaken = ({ callAll }: Pick<CallbackWorld, 'callAll'>) =>
  until('a callback is taken', async () => countOf(await callAll(1), 200) === 1);

/** What was answered 200 while the disk misbehaved must be there after a kill. */
async function killAndDrain({ ingest, proxy, drained, expectAllKept }: CallbackWorld): Promise<void> {
  await ingest.kill();
  await proxy.restore();
  await ingest.start();
  await drained();
  await expectAllKept();
}

test('a folder that is removed under it keeps nothing that a kill would lose, and is made again', async (t) => {
  const own = await world(t);
  const { ingest, proxy, spoolDir, callAll } = own;
  await ingest.start();
  await connected(own);
  await proxy.cut();
  rmSync(spoolDir, { recursive: true });
  await callAll(100);
  await untilTaken(own);
  assert.equal(countOf(await callAll(100), 200), 100);
  await killAndDrain(own);
});

test('a file in the place of its folder means 503, loudly, until it is gone', async (t) => {
  const own = await world(t);
  const { ingest, proxy, spoolDir, callAll } = own;
  await ingest.start();
  await connected(own);
  rmSync(spoolDir, { recursive: true });
  writeFileSync(spoolDir, '');
  // Kafka takes callbacks as ever.
  assert.equal(countOf(await callAll(50), 200), 50);
  await proxy.cut();
  await until('refused', async () => countOf(await callAll(1), 503) === 1);
  assert.equal(countOf(await callAll(100), 503), 100);
  await says(ingest, 503, /spool: /);
  assert.equal(await ingest.metric(USABLE), 0);
  rmSync(spoolDir);
  mkdirSync(spoolDir);
  await untilTaken(own);
  assert.equal(countOf(await callAll(100), 200), 100);
  await killAndDrain(own);
});

const disk = mountSmallDisk(8 * MIB);
test('on a read-only disk Kafka takes callbacks; it is used as soon as it can be written', {
  skip: disk.ok ? false : disk.reason,
}, async (t) => {
  assert.ok(disk.ok);
  const { folder, setReadOnly } = disk.disk;
  chmodSync(folder, 0o700);
  setReadOnly(true);
  const own = await world(t, { SPOOL_DIR: folder });
  const { ingest, proxy, callAll } = own;
  await ingest.start('live');
  await until('told', async () => /"level":"error".*the spool can keep no callbacks/.test(ingest.log()));
  await says(ingest, 200, /"degraded":\["spool/);
  assert.equal(await ingest.metric(USABLE), 0);
  assert.equal(countOf(await callAll(100), 200), 100);
  await proxy.cut();
  assert.equal(countOf(await callAll(100), 503), 100);
  assert.equal((await ingest.ready()).status, 503);
  setReadOnly(false);
  await untilTaken(own);
  assert.equal(countOf(await callAll(100), 200), 100);
  await killAndDrain(own);
});

test('a folder that another instance uses is left to it, and taken over when that one has ended', async (t) => {
  const own = await world(t);
  const { ingest, proxy, another, expectAllKept } = own;
  await ingest.start();
  await connected(own);
  const second = await another('second');
  await second.ingest.start('live');
  await says(second.ingest, 200, /"degraded":\["spool: .*another process/);
  assert.equal(countOf(await second.callAll(50), 200), 50);

  await proxy.cut();
  assert.equal(countOf(await own.callAll(80), 200), 80);
  assert.equal(countOf(await second.callAll(50), 503), 50);
  // What the first one leaves behind is drained by the second one.
  await ingest.kill();
  await untilTaken(second);
  await proxy.restore();
  await until('drained', async () => (await second.ingest.metric('whatsapp_callback_spool_events')) === 0);
  assert.equal(countOf(await second.callAll(50), 200), 50);
  await expectAllKept();
  assert.equal((await second.ingest.stop()).how, 0);
});

/** Where the damage is done, by the share of the file that lies before it, and how the process had ended before. */
const DAMAGES = [
  { what: 'the beginning of its file', file: 'spool.db', at: 0, end: 'stop' },
  { what: 'the middle of its file', file: 'spool.db', at: 0.5, end: 'stop' },
  { what: 'the middle of its log', file: 'spool.db-wal', at: 0.5, end: 'kill' },
] as const;

for (const { what, file, at, end } of DAMAGES) {
  test(`damage at ${what} loses only what was overwritten`, async (t) => {
    const own = await world(t);
    const { ingest, proxy, spoolDir, caller, callAll, drained, verdict } = own;
    await proxy.cut();
    await ingest.start();
    assert.equal(countOf(await callAll(1_500), 200), 1_500);
    await ingest[end]();
    const lost = damage(join(spoolDir, file), at, seededRandom(5));
    const isIntact = intactRows(spoolDir, lost);
    // Behind an id comes a quotation mark: without it `s-1` would be found in `s-12`.
    const intact = [...caller.calls.values()].filter(({ callback }) => isIntact(`${callback.sessionId}"`));
    assert.ok(intact.length > 1_000 && intact.length <= 1_500, `${intact.length} rows are intact`);

    await ingest.start();
    assert.equal(countOf(await callAll(100), 200), 100);
    await proxy.restore();
    await drained();
    const lostOf = ({ missing }: Verdict) => {
      const gone = new Set(missing);
      return intact.filter(({ callback }) => gone.has(callback.eventId)).length;
    };
    await until(
      `all of ${intact.length} whole rows are in the topic`,
      async () => lostOf(await verdict()) === 0,
    );
    const { missing, foreign, wrong, unreadable } = await verdict();
    assert.deepEqual({ foreign, wrong, unreadable }, { foreign: [], wrong: [], unreadable: 0 });
    t.diagnostic(`${missing.length} of 1500 were overwritten and lost`);
    const kept = readdirSync(spoolDir).filter((name) => name.startsWith('damaged-'));
    assert.ok(kept.length > 0, 'the damaged file was set aside');
  });
}
