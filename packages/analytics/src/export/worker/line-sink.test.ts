import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { recordAt } from '../rows/test-support.ts';
import { createLineSink } from './line-sink.ts';

const LINE = `${'é'.repeat(1_023)}\n`;
const RECORD = recordAt(0, 0);

function collect() {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const sink = createLineSink<null>(
    () => LINE,
    (bytes) => chunks.push(bytes),
  );
  const addMany = (count: number) => {
    for (let i = 0; i < count; i++) sink.add(null, RECORD);
  };
  return { chunks, sink, addMany, bytes: () => chunks.reduce((sum, { length }) => sum + length, 0) };
}

test('chunks hold whole lines, and together all of them', () => {
  const { chunks, sink, addMany, bytes } = collect();
  addMany(1_000);
  sink.flush();
  assert.ok(chunks.length > 2);
  for (const chunk of chunks) assert.equal(chunk.at(-1), '\n'.charCodeAt(0));
  assert.equal(bytes(), 1_000 * Buffer.byteLength(LINE));
});

test('nothing is handed over when there is nothing', () => {
  const { chunks, sink } = collect();
  sink.flush();
  assert.deepEqual(chunks, []);
});

test('it holds up its writer while too much is under way', async () => {
  const { chunks, sink, addMany } = collect();
  await sink.room();
  addMany(4_000);
  let hasRoom = false;
  const waiting = sink.room().then(() => {
    hasRoom = true;
  });
  await turn();
  assert.equal(hasRoom, false);
  for (const chunk of chunks) sink.taken(chunk);
  await waiting;
});
