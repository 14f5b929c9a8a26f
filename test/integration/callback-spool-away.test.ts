/**
 * callback-ingest, a process of its own, while Kafka and the registry are away: from its start on, and when it is
 * stopped. Real: Kafka and the registry, the ways to which are cut. Doubled: Verihubs, by the calls made here.
 * Observed: answers, `/readyz`, metrics, exit codes, the status topic.
 */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type CallbackWorld, countOf, startCallbackWorld } from '../support/callback-world.ts';
import { startLoad } from '../support/caller.ts';
import { useStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const ACK_TIMEOUT_MS = 1_000;
/** In so long what was on its way to Kafka has failed for good, and the spool has tried to reach it several times. */
const KAFKA_IS_TRIED_WITHIN_MS = 7_500;

const stack = await useStack();

async function world(t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<CallbackWorld> {
  const own = await startCallbackWorld(stack, { seed: 1, env });
  t.after(() => own[Symbol.asyncDispose]());
  return own;
}

describe('while Kafka is away', { concurrency: true }, () => {
  test('before Kafka and the registry have ever answered, callbacks are kept, and outlive a kill', async (t) => {
    const { ingest, proxy, registryProxy, callAll, drained, expectAllKept } = await world(t, {
      KAFKA_ACK_TIMEOUT_MS: String(ACK_TIMEOUT_MS),
    });
    await proxy.cut();
    await registryProxy.cut();
    await ingest.start();
    const { status, text } = await ingest.ready();
    assert.equal(status, 200);
    assert.match(text, /degraded.*waiting for Kafka at .*waiting for our schema/);

    const first = await callAll(200, 1);
    assert.equal(countOf(first, 200), 200);
    const waited = first.filter(({ sentAtMs, endedAtMs }) => endedAtMs - sentAtMs >= ACK_TIMEOUT_MS);
    assert.ok(
      waited.length <= 10,
      `${waited.length} of 200 callbacks, one after the other, waited for Kafka`,
    );
    await ingest.kill();
    await ingest.start();
    assert.equal(countOf(await callAll(300), 200), 300);
    assert.equal(await ingest.metric('whatsapp_callback_kafka_up'), 0);

    await registryProxy.restore();
    await proxy.restore();
    await drained();
    const { facts, order } = await expectAllKept();
    assert.equal(facts, 500);
    const asCalled = new Map(first.map(({ callback }, i) => [callback.eventId, i]));
    for (const partition of order) {
      const drainedAs = partition.map((id) => asCalled.get(id)).filter((place) => place !== undefined);
      assert.deepEqual(
        drainedAs,
        drainedAs.toSorted((a, b) => a - b),
        'drained in the order of their arrival',
      );
    }
    await until(
      'Kafka is taken for up',
      async () => (await ingest.metric('whatsapp_callback_kafka_up')) === 1,
    );
    assert.doesNotMatch((await ingest.ready()).text, /degraded/);
    assert.equal(countOf(await callAll(100), 200), 100);
    assert.equal(await ingest.metric('whatsapp_callback_spool_drained_total'), 500);
    assert.equal((await expectAllKept()).facts, 600);
  });

  test('a kill while the spool tries to reach Kafka loses none of what it holds', async (t) => {
    const { ingest, caller, maker, proxy, drained, expectAllKept } = await world(t);
    await ingest.start();
    await until('Kafka is there', async () => !(await ingest.ready()).text.includes('degraded'));
    await proxy.cut();
    const stopLoad = startLoad({ caller, next: maker.next, perSecond: 200, maxUnderWay: 16 });
    await pause(KAFKA_IS_TRIED_WITHIN_MS);
    await stopLoad();
    await ingest.kill();
    await proxy.restore();
    await ingest.start();
    await drained();
    const { answered, made } = await expectAllKept();
    assert.equal(answered, made);
  });

  test('on SIGTERM what waits for Kafka in vain is kept, answered 200, and there after the next start', async (t) => {
    const { ingest, proxy, callAll, drained, expectAllKept } = await world(t, {
      KAFKA_ACK_TIMEOUT_MS: '5000',
    });
    await ingest.start();
    await until('Kafka is there', async () => !(await ingest.ready()).text.includes('degraded'));
    assert.equal(countOf(await callAll(50), 200), 50);
    proxy.loseAnswers();
    const underWay = callAll(60);
    await until('they wait', async () => (await ingest.metric('whatsapp_callback_pending')) === 60);
    const { how, tookMs } = await ingest.stop();
    assert.equal(how, 0);
    assert.ok(tookMs < 15_000, `${tookMs} ms`);
    assert.equal(countOf(await underWay, 200), 60);

    await proxy.cut();
    await proxy.restore();
    await ingest.start();
    await drained();
    assert.equal((await expectAllKept()).facts, 110);
  });

  test('on SIGTERM /readyz turns first, and callbacks are taken for a while', async (t) => {
    const { ingest, proxy, callAll, drained, expectAllKept } = await world(t, {
      CALLBACK_STOP_DELAY_MS: '1500',
    });
    await proxy.cut();
    await ingest.start();
    const stopped = ingest.stop();
    await until('it says no', async () => (await ingest.ready()).status === 503);
    assert.equal(countOf(await callAll(40), 200), 40);
    assert.equal((await stopped).how, 0);

    await proxy.restore();
    await ingest.start();
    await drained();
    assert.equal((await expectAllKept()).facts, 40);
  });
});
