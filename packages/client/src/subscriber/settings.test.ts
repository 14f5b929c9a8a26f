import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvents } from './port.ts';
import { settingsOf } from './settings.ts';
import { createSubscriber } from './subscriber.ts';

const where = { brokers: ['localhost:9092'], registry: 'http://localhost:8081' };
const LANES = ['whatsapp.send.otp'];

test('all faults of the options are told at once', () => {
  assert.throws(
    () =>
      settingsOf(
        {
          ...where,
          group: '',
          from: new Date('nonsense'),
          maxUnacknowledged: 0.5,
          retry: { minMs: 2, maxMs: 1 },
          sessionTimeoutMs: Number.NaN,
          where: { lane: ['bulk'] },
        },
        LANES,
      ),
    (error) =>
      error instanceof RangeError &&
      ['group', 'from', 'maxUnacknowledged', 'retry', 'sessionTimeoutMs', 'lane bulk'].every((name) =>
        error.message.includes(name),
      ),
  );
});

test('a run has one handler and a known way to acknowledge, also where no types say so', async () => {
  const handler = () => undefined;
  const options = { ...where, group: 'g', from: 'end' as const };
  const runWith = async (how: object | undefined) => createSubscriber(options).run(how as RunEvents);
  await Promise.all([
    assert.rejects(runWith(undefined), /onEvent or onState/),
    assert.rejects(runWith({}), /onEvent or onState/),
    assert.rejects(runWith({ onEvent: 'print' }), /onEvent or onState/),
    assert.rejects(runWith({ onEvent: handler, onState: handler }), /onEvent or onState/),
    assert.rejects(runWith({ onEvent: handler, acknowledge: 'on_ack' }), /acknowledge/),
    assert.rejects(runWith({ onState: handler, maxMessages: 0 }), /maxMessages/),
  ]);
});

test('a date is a moment of the log', () => {
  const { from } = settingsOf({ ...where, group: 'g', from: new Date(5) }, LANES);
  assert.deepEqual(from, { timestampMs: 5 });
});
