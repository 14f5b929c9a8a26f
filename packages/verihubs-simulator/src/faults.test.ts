import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFaults, type FaultSettings } from './faults.ts';
import { seededRandom } from './random.ts';

const rules = (...list: FaultSettings['rules']): FaultSettings => ({ latency: null, rules: list });

test('a rule for the next requests is spent after them, and the following rule takes over', () => {
  const faults = createFaults(
    rules({ fault: { kind: 'garbage' }, next: 2 }, { fault: { kind: 'reset', taken: false }, next: 1 }),
    seededRandom(1),
    seededRandom(2),
  );
  const kinds = Array.from({ length: 4 }, () => faults.pick('6281')?.kind);
  assert.deepEqual(kinds, ['garbage', 'garbage', 'reset', undefined]);
});

test('a rule for one number leaves all others alone', () => {
  const faults = createFaults(
    rules({ fault: { kind: 'garbage' }, msisdn: '6281', next: 1 }),
    seededRandom(1),
    seededRandom(2),
  );
  assert.equal(faults.pick('6282'), null);
  assert.equal(faults.pick('6281')?.kind, 'garbage');
  assert.equal(faults.pick('6281'), null);
});

test('a probability is kept to, and the same seed gives the same faults', () => {
  const run = (seed: number): string => {
    const faults = createFaults(
      rules({ fault: { kind: 'garbage' }, probability: 0.3 }),
      seededRandom(seed),
      seededRandom(0),
    );
    return Array.from({ length: 2_000 }, () => (faults.pick('6281') === null ? '.' : 'x')).join('');
  };
  const share = run(7).replaceAll('.', '').length / 2_000;
  assert.ok(share > 0.26 && share < 0.34, `${share}`);
  assert.equal(run(7), run(7));
  assert.notEqual(run(7), run(8));
});

test('the general latency stays within its range', () => {
  const faults = createFaults(
    { latency: { minMs: 5, maxMs: 9 }, rules: [] },
    seededRandom(3),
    seededRandom(4),
  );
  for (let index = 0; index < 100; index += 1) {
    const ms = faults.latencyMs();
    assert.ok(ms >= 5 && ms <= 9);
  }
});

test('how long requests are held on their way depends on their order alone, not on the faults they meet', () => {
  const held = (list: FaultSettings['rules']): number[] => {
    const settings = { ...rules(...list), arrivalJitter: { minMs: 0, maxMs: 50 } };
    const faults = createFaults(settings, seededRandom(1), seededRandom(2));
    return Array.from({ length: 100 }, () => {
      faults.pick('6281');
      return faults.heldMs();
    });
  };
  const times = held([]);
  assert.deepEqual(held([{ fault: { kind: 'garbage' }, probability: 0.5 }]), times);
  assert.ok(times.every((ms) => ms >= 0 && ms <= 50));
  assert.ok(Math.max(...times) - Math.min(...times) > 40);
});
