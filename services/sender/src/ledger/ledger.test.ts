import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newStatusEvent, type Status, type StatusEvent } from '@whatsapp-stream/schemas';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { createLedger } from './ledger.ts';
import { createSettledMessages } from './settled.ts';

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

function setUp({ acknowledged = true } = {}) {
  const clock = manualClock();
  const append = async () => acknowledged;
  const settled = createSettledMessages({ windowMs: 1_000, maxMessages: 100 });
  const ledger = createLedger({ append, settled, clock });
  const learn = (...events: StatusEvent[]) => {
    for (const one of events) ledger.learn(one, { partition: 0, offset: 7, headers: {} });
  };
  return { clock, ledger, settled, learn };
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
  const { clock, ledger, learn } = setUp();
  learn(event('m', 'ATTEMPTED'));
  const word = ledger.evidence('m', 500, never);
  await clock.advance(100);
  learn(event('m', 'SENT'));
  assert.equal(await word, 'evidence');
  assert.equal(ledger.standing('m').kind, 'taken');
});

test('word that came before anybody waited counts', async () => {
  const { ledger, learn } = setUp();
  learn(event('m', 'SENT'));
  learn(event('m', 'ATTEMPTED'));
  assert.equal(await ledger.evidence('m', 500, never), 'evidence');
});

test('without word the waiting ends after the grace time, or with the term', async () => {
  const { clock, ledger, learn } = setUp();
  learn(event('m', 'ATTEMPTED'));
  const none = ledger.evidence('m', 500, never);
  await clock.advance(500);
  assert.equal(await none, 'none');
  const term = new AbortController();
  const over = ledger.evidence('m', 500, term.signal);
  term.abort();
  assert.equal(await over, 'over');
  assert.equal(await ledger.evidence('m', 500, term.signal), 'over');
});

test('what is settled stays so, whatever else is learnt of it, and is remembered once the log says so', async () => {
  const { ledger, settled, learn } = setUp();
  await ledger.write(event('m', 'ATTEMPTED'), {});
  await ledger.write(event('m', 'ACCEPTED'), {});
  assert.deepEqual([ledger.standing('m').kind, settled.size()], ['settled', 0]);
  learn(event('m', 'ATTEMPTED'), event('m', 'ACCEPTED'), event('m', 'ATTEMPTED', 2));
  assert.deepEqual([ledger.standing('m').kind, settled.size(), ledger.size()], ['settled', 1, 1]);
});

test('what the first request under an id holds is known while the message is, and no later one changes it', async () => {
  const { ledger, learn } = setUp();
  ledger.noteContent('m', 5);
  ledger.noteContent('m', 6);
  assert.equal(ledger.contentOf('m'), 5);
  assert.equal(ledger.standing('m').kind, 'fresh');
  learn(event('m', 'ATTEMPTED'), event('m', 'ACCEPTED'));
  ledger.noteContent('m', 6);
  assert.equal(ledger.contentOf('m'), 5);
  learn(event('of another process', 'ACCEPTED'));
  ledger.noteContent('of another process', 6);
  assert.equal(ledger.contentOf('of another process'), null);
});

test('callbacks of messages that nobody asks about do not pile up', () => {
  const { ledger, learn } = setUp();
  for (let i = 0; i < 12_000; i++) learn(event(`old-${i}`, 'SENT'));
  assert.equal(ledger.size(), 10_000);
  assert.equal(ledger.standing('old-0').kind, 'fresh');
  assert.equal(ledger.standing('old-11999').kind, 'taken');
});

const REDRIVE = 'm aaaaaaaa';

function failed(attempt: number) {
  return { ...event('m', 'REJECTED', attempt), origin: 'CALLBACK' as const };
}

function reached(attempt: number) {
  return { ...event('m', 'DELIVERED', attempt), origin: 'CALLBACK' as const };
}

test('of two attempts the one that arrived counts, whichever word comes first', () => {
  const attempts = [event('m', 'ATTEMPTED', 1), event('m', 'ATTEMPTED', 2), event('m', 'ACCEPTED', 2)];
  for (const words of [
    [reached(1), failed(2)],
    [failed(2), reached(1)],
  ]) {
    const { ledger, learn } = setUp();
    learn(...attempts, ...words);
    assert.equal(ledger.mayBeTaken('m', REDRIVE), true);
  }
});

test('while a second attempt is under way, a failure of the first one asks for no third', () => {
  const { ledger, learn } = setUp();
  learn(event('m', 'ATTEMPTED', 1), event('m', 'ATTEMPTED', 2), failed(1));
  assert.equal(ledger.mayBeTaken('m', REDRIVE), true);
  learn(event('m', 'RETRYING', 2));
  assert.deepEqual([ledger.mayBeTaken('m', REDRIVE), ledger.failures('m')], [false, 1]);
});

test('an attempt that was surely not taken is nothing to remember', () => {
  const { ledger, learn } = setUp();
  learn(
    event('m', 'ATTEMPTED', 1),
    event('m', 'RETRYING', 1),
    event('m', 'ATTEMPTED', 2),
    event('m', 'ACCEPTED', 2),
  );
  assert.equal(ledger.mayBeTaken('m', REDRIVE), true);
  learn(failed(2));
  assert.deepEqual([ledger.mayBeTaken('m', REDRIVE), ledger.failures('m')], [false, 1]);
});
