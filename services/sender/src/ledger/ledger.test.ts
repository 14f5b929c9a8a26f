import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newStatusEvent, type Status } from '@whatsapp-stream/schemas';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { createLedger } from './ledger.ts';

function event(messageId: string, status: Status, attempt = 1) {
  const origin = status === 'SENT' ? ('CALLBACK' as const) : ('SENDER' as const);
  const attempt_id = `${attempt}.p`;
  return newStatusEvent({
    event_id: '',
    message_id: messageId,
    status,
    origin,
    attempt,
    attempt_id,
    occurred_at: 0,
  });
}

function setUp({ acknowledged = true, dedupeMaxMessages = 100 } = {}) {
  const clock = manualClock();
  const append = async () => acknowledged;
  return { clock, ledger: createLedger({ append, clock, dedupeWindowMs: 1_000, dedupeMaxMessages }) };
}

const never = new AbortController().signal;

test('what it writes is believed once it is acknowledged, and not before', async () => {
  const { ledger } = setUp();
  await ledger.write(event('m', 'ATTEMPTED'), {});
  assert.equal(ledger.standing('m').kind, 'doubt');
  const { ledger: stopped } = setUp({ acknowledged: false });
  assert.equal(await stopped.write(event('m', 'ACCEPTED'), {}), false);
  assert.equal(stopped.standing('m').kind, 'fresh');
});

test('word of an attempt in doubt ends the waiting at once', async () => {
  const { clock, ledger } = setUp();
  ledger.learn(event('m', 'ATTEMPTED'));
  const word = ledger.evidence('m', 500, never);
  await clock.advance(100);
  ledger.learn(event('m', 'SENT'));
  assert.equal(await word, 'evidence');
  assert.equal(ledger.standing('m').kind, 'taken');
});

test('word that came before anybody waited counts', async () => {
  const { ledger } = setUp();
  ledger.learn(event('m', 'SENT'));
  ledger.learn(event('m', 'ATTEMPTED'));
  assert.equal(await ledger.evidence('m', 500, never), 'evidence');
});

test('without word the waiting ends after the grace time, or with the term', async () => {
  const { clock, ledger } = setUp();
  ledger.learn(event('m', 'ATTEMPTED'));
  const none = ledger.evidence('m', 500, never);
  await clock.advance(500);
  assert.equal(await none, 'none');
  const term = new AbortController();
  const over = ledger.evidence('m', 500, term.signal);
  term.abort();
  assert.equal(await over, 'over');
  assert.equal(await ledger.evidence('m', 500, term.signal), 'over');
});

test('a settled message is remembered for the window, and whatever else is learnt of it changes nothing', async () => {
  const { clock, ledger } = setUp();
  ledger.learn(event('m', 'ACCEPTED'));
  ledger.learn(event('m', 'ATTEMPTED', 2));
  assert.equal(ledger.standing('m').kind, 'settled');
  await clock.advance(1_001);
  ledger.learn(event('other', 'ACCEPTED'));
  assert.equal(ledger.standing('m').kind, 'fresh');
  assert.equal(ledger.size(), 1);
});

test('no more settled messages are remembered than allowed, the oldest go; open ones stay', () => {
  const { ledger } = setUp({ dedupeMaxMessages: 2 });
  ledger.learn(event('open', 'ATTEMPTED'));
  for (const id of ['a', 'b', 'c']) ledger.learn(event(id, 'ACCEPTED'));
  assert.deepEqual(
    ['open', 'a', 'b', 'c'].map((id) => ledger.standing(id).kind),
    ['doubt', 'fresh', 'settled', 'settled'],
  );
});

test('at the beginning of a term only settled messages are remembered', () => {
  const { ledger } = setUp();
  ledger.learn(event('open', 'ATTEMPTED'));
  ledger.learn(event('done', 'ACCEPTED'));
  ledger.forgetUnsettled();
  assert.deepEqual([ledger.standing('open').kind, ledger.standing('done').kind], ['fresh', 'settled']);
});

test('callbacks of messages that nobody asks about do not pile up', () => {
  const { ledger } = setUp();
  for (let i = 0; i < 12_000; i++) ledger.learn(event(`old-${i}`, 'SENT'));
  assert.equal(ledger.size(), 10_000);
  assert.equal(ledger.standing('old-0').kind, 'fresh');
  assert.equal(ledger.standing('old-11999').kind, 'taken');
});
