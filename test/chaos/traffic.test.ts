import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOfMessage } from '@whatsapp-stream/client';
import { faultsOf } from '@whatsapp-stream/schemas';
import { seededRandom } from '../support/random.ts';
import { createTraffic } from './traffic.ts';

const RATE = 35;
const SECONDS = 300;
const NOW = 1_800_000_000_000;
const LANES = ['otp', 'transactional', 'marketing'];

function trafficOf(seed: number) {
  const traffic = createTraffic({ random: seededRandom(seed), run: 'r', rate: RATE });
  return Array.from({ length: SECONDS * 5 }, (_, i) => traffic.next(200, NOW + i * 200)).flat();
}

test('the same seed gives the same traffic', () => {
  assert.deepEqual(trafficOf(3), trafficOf(3));
});

test('the rate is about what was asked for', () => {
  for (let seed = 0; seed < 20; seed++) {
    const perSecond = trafficOf(seed).length / SECONDS;
    assert.ok(perSecond > RATE * 0.6 && perSecond < RATE * 1.4, `seed ${seed}: ${perSecond} a second`);
  }
});

test('valid messages can be published, invalid ones are invalid, and ids are repeated, some with other content', () => {
  const letters = trafficOf(1);
  const messages = letters.flatMap((one) => (one.kind === 'message' ? [one.message] : []));
  assert.deepEqual(
    messages.flatMap((message) => faultsOfMessage(message, { lanes: LANES, nowMs: NOW })),
    [],
  );
  const byId = Map.groupBy(messages, ({ messageId }) => messageId);
  assert.ok(byId.size < messages.length);
  const repeated = [...byId.values()].filter(({ length }) => length > 1);
  assert.ok(repeated.some((same) => new Set(same).size === 1));
  assert.ok(repeated.some((same) => new Set(same.map(({ lane }) => lane)).size > 1));
  const invalid = letters.flatMap((one) => (one.kind === 'invalid' ? [one.request] : []));
  assert.ok(invalid.length > 10);
  assert.ok(invalid.every((request) => faultsOf(request).length > 0));
  assert.ok(letters.some(({ kind }) => kind === 'garbage'));
});
