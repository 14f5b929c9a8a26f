/** What comes in, held against what Kafka has. One look is one minute. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createArrivals, type Ends } from './arrivals.ts';

const P0 = { topic: 'x.otp', partition: 0 };
const at = (end: number): Ends => new Map([['x.otp', new Map([[0, end]])]]);

function setUp() {
  const arrivals = createArrivals();
  arrivals.begin([{ ...P0, committed: null, startsAt: 10 }]);
  arrivals.resumed(P0);
  const look = (times: number, ends: Ends) => Array.from({ length: times }, () => arrivals.look(ends)).flat();
  return { arrivals, look };
}

test('a partition of which nothing comes in for five minutes, though there is something, is blocked', () => {
  const { look } = setUp();
  assert.deepEqual(look(5, at(12)), []);
  assert.deepEqual(look(1, at(13)), [{ ...P0, next: 10, end: 13 }]);
});

test('one that has come in to its end is not', () => {
  const { arrivals, look } = setUp();
  arrivals.reached(P0, 12);
  assert.deepEqual(look(10, at(12)), []);
});

test('one of which something comes in now and then is not', () => {
  const { arrivals, look } = setUp();
  for (let next = 11; next < 20; next++) {
    assert.deepEqual(look(5, at(1_000)), []);
    arrivals.reached(P0, next);
  }
});

test('one that is paused is not, and has its time once it is resumed', () => {
  const { arrivals, look } = setUp();
  look(4, at(12));
  arrivals.paused(P0);
  assert.deepEqual(look(10, at(12)), []);
  arrivals.resumed(P0);
  assert.deepEqual(look(5, at(12)), []);
  arrivals.paused(P0);
  arrivals.resumed(P0);
  assert.deepEqual(look(5, at(12)), []);
});

test('a partition is paused until its reading begins', () => {
  const arrivals = createArrivals();
  arrivals.begin([{ ...P0, committed: null, startsAt: 10 }]);
  for (let i = 0; i < 10; i++) assert.deepEqual(arrivals.look(at(12)), []);
});

test('while Kafka does not tell where a partition ends nothing is held against it', () => {
  const { look } = setUp();
  look(5, at(12));
  assert.deepEqual(look(1, new Map()), []);
  assert.deepEqual(look(5, at(12)), []);
});

test('an epoch that is over, or another one, starts over', () => {
  const { arrivals, look } = setUp();
  look(5, at(12));
  arrivals.end();
  assert.deepEqual(look(10, at(12)), []);
  arrivals.begin([{ ...P0, committed: null, startsAt: 10 }]);
  arrivals.resumed(P0);
  assert.deepEqual(look(5, at(12)), []);
  arrivals.begin([{ ...P0, partition: 1, committed: null, startsAt: 10 }]);
  assert.deepEqual(look(10, at(12)), []);
});
