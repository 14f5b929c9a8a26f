import assert from 'node:assert/strict';
import { test } from 'node:test';
import { message } from '../delivery/test-support.ts';
import { createOriginals } from './originals.ts';

const withValue = (unit: string, bytes: Buffer) => {
  const first = message();
  return { ...first, unit, record: { ...first.record, value: bytes } };
};

test('the bytes are its own: what they were fetched with is not kept', () => {
  const fetched = Buffer.from('one two');
  const originals = createOriginals();
  originals.keep(withValue('a', fetched.subarray(0, 3)));
  fetched.fill('x');
  assert.equal(String(originals.of('a')?.record.value), 'one');
});

test('beyond its bound the first ones are forgotten; one that is kept again is the last', () => {
  const originals = createOriginals(3 * 2_048);
  const large = Buffer.alloc(1_024);
  for (const unit of ['a', 'b', 'c', 'a', 'd']) originals.keep(withValue(unit, large));
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].filter((unit) => originals.of(unit)),
    ['a', 'c', 'd'],
  );
});

test('one that is forgotten makes room', () => {
  const originals = createOriginals(2 * 2_048);
  const large = Buffer.alloc(1_024);
  for (const unit of ['a', 'b']) originals.keep(withValue(unit, large));
  originals.forget('b');
  originals.forget('b');
  originals.keep(withValue('c', large));
  assert.ok(originals.of('a') && originals.of('c') && !originals.of('b'));
});
