/**
 * callback-ingest, a process of its own, when its spool can hold no more: its own bound is reached, or the disk has
 * no room. Real: Kafka, the way to which is cut, and the file system. Doubled: Verihubs, by the calls made here.
 * Observed: answers, `/readyz`, metrics, log lines, the status topic.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type CallbackWorld, countOf, startCallbackWorld } from '../support/callback-world.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { useStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const MIB = 2 ** 20;
const CALLS_AT_ONCE = 500;
/** A row of the spool takes some 600 bytes: long before that many, a disk of 2 MiB is full. */
const MOST_CALLS = 20_000;
const REFUSED_CALLS = 4_000;
/** Garbage that is not yet collected comes and goes; that many callbacks that were kept in memory would show. */
const MAX_GROWTH_BYTES = 48 * MIB;

const stack = await useStack();

/** Makes callbacks until the spool takes not even a single one any more. @returns how many were answered 200 */
async function fill({ callAll }: CallbackWorld, atATime: number): Promise<number> {
  let kept = 0;
  for (let made = 0; made < MOST_CALLS; made += CALLS_AT_ONCE) {
    const calls = await callAll(CALLS_AT_ONCE, atATime);
    kept += countOf(calls, 200);
    assert.equal(countOf(calls, 200) + countOf(calls, 503), CALLS_AT_ONCE);
    if (countOf(calls, 200) > 0) continue;
    const alone = countOf(await callAll(20, 1), 200);
    if (alone === 0) return kept;
    kept += alone;
  }
  throw new Error(`${MOST_CALLS} callbacks did not fill it`);
}

async function expectFull({ ingest, callAll }: CallbackWorld): Promise<void> {
  const { status, text } = await ingest.ready();
  assert.equal(status, 503);
  assert.match(text, /spool: /);
  assert.equal(await ingest.metric('whatsapp_callback_spool_usable'), 0);
  assert.match(ingest.log(), /"level":"(warn|error)".*spool/);

  const before = await ingest.metric('process_resident_memory_bytes');
  const refused = await callAll(REFUSED_CALLS);
  assert.equal(countOf(refused, 503), REFUSED_CALLS);
  for (const { retryAfter } of refused) assert.match(retryAfter ?? 'none', /^[1-9]\d*$/);
  assert.equal(await ingest.metric('whatsapp_callback_pending'), 0);
  const growth = (await ingest.metric('process_resident_memory_bytes')) - before;
  assert.ok(growth < MAX_GROWTH_BYTES, `${growth} bytes more after ${REFUSED_CALLS} refused callbacks`);
}

interface Filling {
  readonly env: Readonly<Record<string, string>>;
  readonly atATime: number;
}

async function fillsAndDrains(t: TestContext, { env, atATime }: Filling): Promise<CallbackWorld> {
  const world = await startCallbackWorld(stack, { seed: 2, env });
  t.after(() => world[Symbol.asyncDispose]());
  const { ingest, proxy, callAll, drained, expectAllKept } = world;
  await ingest.start();
  await until('Kafka is there', async () => !(await ingest.ready()).text.includes('degraded'));
  await proxy.cut();
  const kept = await fill(world, atATime);
  assert.ok(kept > 2_000, `only ${kept} were kept`);
  t.diagnostic(`${kept} callbacks fill ${world.spoolBytes()} bytes`);
  await expectFull(world);

  await proxy.restore();
  await drained();
  const { answered } = await expectAllKept();
  assert.equal(answered, kept);
  await until('all is well', async () => !(await ingest.ready()).text.includes('degraded'));
  assert.equal(await ingest.metric('whatsapp_callback_spool_usable'), 1);
  assert.equal(countOf(await callAll(100), 200), 100);

  await proxy.cut();
  const again = await callAll(300);
  const keptAgain = countOf(again, 200);
  assert.equal(keptAgain + countOf(again, 503), 300);
  assert.equal(keptAgain, 300, 'a spool that was drained has room for them');
  await ingest.kill();
  await proxy.restore();
  await ingest.start();
  await drained();
  assert.equal((await expectAllKept()).answered, kept + 100 + keptAgain);
  return world;
}

test('a spool that has reached its bound answers 503, loudly, and takes callbacks again when it is drained', async (t) => {
  const world = await fillsAndDrains(t, { env: { SPOOL_MAX_BYTES: String(MIB) }, atATime: 64 });
  assert.ok(world.spoolBytes() <= MIB, `${world.spoolBytes()} bytes`);
});

const small = mountSmallDisk(2 * MIB);
test('a disk that is full does the same, also when each callback is a commit of its own', {
  skip: small.ok ? false : small.reason,
}, async (t) => {
  assert.ok(small.ok);
  await fillsAndDrains(t, { env: { SPOOL_DIR: small.disk.folder }, atATime: 1 });
});
