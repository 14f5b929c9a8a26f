import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDeparture } from './departure.ts';

function world() {
  const listeners = new Map<string, () => void>();
  const story: string[] = [];
  const consumer = {
    events: { GROUP_JOIN: 'join', CRASH: 'crash' },
    on: (name: string, listener: () => void) => {
      listeners.set(name, listener);
      return () => undefined;
    },
    disconnect: async () => void story.push('disconnect'),
  };
  const departure = createDeparture(
    consumer as unknown as Parameters<typeof createDeparture>[0],
    () => void story.push('stop reading'),
    async () => void story.push('clean up'),
  );
  return { departure, story, tell: (name: 'join' | 'crash') => listeners.get(name)?.() };
}

const END = ['disconnect', 'stop reading', 'clean up'];

test('a consumer that does not join leaves at once, once, and joins no more', async () => {
  const { departure, story } = world();
  assert.doesNotThrow(() => departure.refuse());
  await Promise.all([departure.leave(), departure.leave()]);
  assert.deepEqual(story, END);
  assert.equal(departure.hasBegun(), true);
  assert.throws(() => departure.refuse());
  assert.throws(() => departure.joining());
});

for (const end of ['join', 'crash'] as const) {
  test(`a join under way is waited for until its ${end}`, async () => {
    const { departure, story, tell } = world();
    departure.joining();
    const left = departure.leave();
    await new Promise(setImmediate);
    assert.deepEqual(story, []);
    tell(end);
    await left;
    assert.deepEqual(story, END);
    assert.throws(() => departure.joining());
  });
}

test('a join that kafkajs tries again is the same one', async () => {
  const { departure, story, tell } = world();
  departure.joining();
  const left = departure.leave();
  departure.joining();
  tell('join');
  await left;
  assert.deepEqual(story, END);
});
