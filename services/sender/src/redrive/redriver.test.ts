import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NewRecord } from '@whatsapp-stream/kafka';
import { newStatusEvent, type StatusEvent } from '@whatsapp-stream/schemas';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { message } from '../delivery/test-support.ts';
import type { Fact } from '../ledger/events.ts';
import type { Message } from '../message.ts';
import { createOriginals } from './originals.ts';
import { createRedriver } from './redriver.ts';

const NOW = 1_000_000;

function setUp(original: Message = message()) {
  const world = { active: true, taken: false, appends: true, failures: 1, calledBack: false };
  const appended: NewRecord[] = [];
  const told: Fact[] = [];
  const decisions: string[] = [];
  const originals = createOriginals();
  originals.keep(original);
  const redriver = createRedriver({
    originals,
    statuses: new Set(['REJECTED']),
    isActive: () => world.active,
    ledger: { mayBeTaken: () => world.taken, failures: () => world.failures },
    isCalledBack: () => world.calledBack,
    async append(record) {
      appended.push(record);
      return world.appends;
    },
    async tell(_original, fact) {
      told.push(fact);
      return true;
    },
    onDecided: (_lane, decision) => decisions.push(decision),
    clock: manualClock(NOW),
    random: () => 0,
  });
  const heard = async (callback: Partial<StatusEvent> = {}) => {
    redriver.heard({ ...REJECTED, ...callback }, original.unit);
    await new Promise(setImmediate);
  };
  return { world, appended, told, decisions, heard };
}

const REJECTED = newStatusEvent({
  event_id: 'the-callback',
  message_id: 'm',
  status: 'REJECTED',
  provider_code: 8,
  origin: 'CALLBACK',
  attempt: 2,
  attempt_id: '2.p',
  occurred_at: NOW,
});

test('a rejected message is appended to its lane as it was, and then word is given of it', async () => {
  const value = Buffer.from('bytes');
  const first = message('otp');
  const headers = { traceparent: 't' };
  const original = { ...first, record: { ...first.record, key: Buffer.from('m'), value, headers } };
  const { appended, told, decisions, heard } = setUp(original);
  await heard();
  const [record] = appended;
  assert.deepEqual([record?.topic, String(record?.key), record?.value], ['x.otp', 'm', value]);
  const { traceparent, redrive_of: of, redrive_attempts: attempts } = record?.headers ?? {};
  assert.deepEqual([traceparent, of, attempts], ['t', 'the-callback', '2']);
  const [fact] = told;
  assert.deepEqual([fact?.status, fact?.attempt, fact?.attemptId], ['RETRYING', 2, '2.p']);
  assert.equal(fact?.retryAt, NOW + 500);
  assert.equal(record?.headers?.['redrive_not_before'], String(NOW + 500));
  assert.deepEqual(decisions, ['appended']);
});

test('a callback that comes twice is answered once', async () => {
  const { appended, heard } = setUp();
  await heard();
  await heard();
  assert.equal(appended.length, 1);
});

test('without the append nobody is told that it will be tried again', async () => {
  const { world, told, heard } = setUp();
  world.appends = false;
  await heard();
  assert.deepEqual(told, []);
});

for (const [why, change, expected] of [
  ['has been rejected often enough', { failures: 5 }, ['exhausted']],
  ['was called back', { calledBack: true }, ['cancelled']],
  ['was taken all the same', { taken: true }, ['taken']],
  ['has expired', { original: message('otp', { expires_at: NOW }) }, ['expired']],
  ['ended by another status', { callback: { status: 'FAILED' } }, []],
  ['is for another replica to answer', { active: false }, []],
] as const) {
  test(`a message is not tried again that ${why}`, async () => {
    const original = 'original' in change ? change.original : message();
    const { world, appended, decisions, heard } = setUp(original);
    Object.assign(world, change);
    await heard('callback' in change ? change.callback : {});
    assert.deepEqual([appended, decisions], [[], expected]);
  });
}

test('of a message with two attempts that may both have been taken, the failure of the last one counts', async () => {
  const { world, decisions, heard } = setUp();
  world.taken = true;
  await heard({ event_id: 'of-the-first', attempt: 1, attempt_id: '1.p' });
  world.taken = false;
  await heard();
  assert.deepEqual(decisions, ['taken', 'appended']);
});
