import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KafkaWriteError, type NewRecord } from '@whatsapp-stream/kafka';
import { publish } from './publish.ts';
import { createTally } from './tally.ts';

function records(count: number, bytes = 1): readonly NewRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    topic: 'x.otp',
    key: `${i}`,
    value: Buffer.alloc(bytes),
  }));
}

function setUp(send: (count: number) => void) {
  const tally = createTally();
  const stop = new AbortController();
  const sent: number[] = [];
  const producer = {
    async send(batch: readonly NewRecord[]) {
      send(batch.length);
      sent.push(batch.length);
      return [];
    },
  };
  return {
    tally,
    stop,
    sent,
    run: (some: readonly NewRecord[]) => publish(producer, some, tally, stop.signal),
  };
}

test('Ctrl-C ends it after the batch under way, which counts', async () => {
  const { tally, stop, sent, run } = setUp(() => stop.abort());
  await run(records(450));
  assert.deepEqual(sent, [200]);
  assert.equal(tally.count(), 200);
});

test('a record that is too large for its lane keeps no other one back', async () => {
  const large = Buffer.alloc(600_000);
  const { tally, run } = setUp((count) => {
    if (count === 1) throw new KafkaWriteError('too large', { tooLarge: true });
  });
  await run([...records(2), { topic: 'x.otp', key: 'l', value: large }, ...records(2)]);
  const { redriven, leftOut } = tally.counts();
  assert.deepEqual([redriven, ...leftOut], [4, ['too-large', 1]]);
});

test('what is not known to be written ends it, and does not count', async () => {
  let batches = 0;
  const { tally, run } = setUp(() => {
    batches += 1;
    if (batches === 2) throw new KafkaWriteError('no answer');
  });
  await assert.rejects(run(records(450)), KafkaWriteError);
  assert.equal(tally.count(), 200);
});
