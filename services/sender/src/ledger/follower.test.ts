/** Follows a status log that a test writes by hand: the reader and the decoder are doubled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kafka, KafkaRecord, TopicReaderEvents } from '@whatsapp-stream/kafka';
import {
  type Decoded,
  newStatusEvent,
  RegistryUnavailableError,
  type StatusEvent,
} from '@whatsapp-stream/schemas';
import { createLogger } from '@whatsapp-stream/service-kit';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { followStatusLog } from './follower.ts';

const POISON: Decoded<StatusEvent> = { ok: false, code: 'UNDECODABLE', text: 'no' };
const away = () => Promise.reject(new RegistryUnavailableError('away'));

function readable(messageId: string): Decoded<StatusEvent> {
  const value = newStatusEvent({
    event_id: 'e',
    message_id: messageId,
    status: 'SENT',
    origin: 'CALLBACK',
    occurred_at: 0,
  });
  return { ok: true, value, schemaId: 1, unknownFields: false };
}

/** A decoder that answers by the record's text; a text without an answer is an event of that message. */
type Answers = Record<string, () => Decoded<StatusEvent> | Promise<Decoded<StatusEvent>>>;

async function setUp(answers: Answers = {}) {
  const clock = manualClock();
  const from = new Map([[0, 10]]);
  const positions = new Map(from);
  const learnt: string[] = [];
  const skipped: string[] = [];
  const asked: string[] = [];
  const readers: { readonly topic: string; readonly from: unknown; readonly events: TopicReaderEvents }[] =
    [];
  let open = true;
  const kafka: Pick<Kafka, 'readTopic'> = {
    async readTopic(topic, start, events) {
      readers.push({ topic, from: start, events });
      return {
        positions: () => positions,
        close: async () => {
          open = false;
        },
      };
    },
  };
  const told = { onGap: () => {}, onFailed: () => {} };
  const follower = await followStatusLog({
    kafka,
    topic: 'x.status',
    from,
    decoder: {
      decode(bytes) {
        asked.push(String(bytes));
        return answers[String(bytes)]?.() ?? readable(String(bytes));
      },
    },
    learn: (event, { offset }) => learnt.push(`${event.message_id} at ${offset}`),
    onSkipped: (code) => skipped.push(code),
    ...told,
    clock,
    log: createLogger('follower-test', 'silent'),
  });
  /** Brings records with these texts. */
  function bring(...texts: string[]): void {
    const first = positions.get(0) ?? 0;
    const records = texts.map(
      (text, i): KafkaRecord => ({
        topic: 'x.status',
        partition: 0,
        offset: first + i,
        timestamp: 0,
        key: null,
        value: Buffer.from(text),
        headers: {},
      }),
    );
    positions.set(0, first + texts.length);
    readers[0]?.events.records(records);
  }
  /** Waits for these ends. @returns what tells, some ms later, how the waiting ended, if it did */
  function reach(ends: ReadonlyMap<number, number>, signal = new AbortController().signal) {
    const answers: boolean[] = [];
    void follower.reach(ends, signal).then((answer) => answers.push(answer));
    return async (waitMs = 100) => {
      await clock.advance(waitMs);
      return answers[0] ?? 'waits';
    };
  }
  return {
    clock,
    follower,
    readers,
    told,
    learnt,
    skipped,
    asked,
    positions,
    bring,
    reach,
    isOpen: () => open,
  };
}

test('it reads the topic from where it is told, and hands on what befalls the reader', async () => {
  const { readers, told, follower } = await setUp();
  const [reader] = readers;
  assert.ok(reader && readers.length === 1);
  assert.deepEqual(
    [reader.topic, reader.from, follower.positions()],
    ['x.status', new Map([[0, 10]]), new Map([[0, 10]])],
  );
  assert.deepEqual([reader.events.gap, reader.events.failed], [told.onGap, told.onFailed]);
});

test('an end is reached once every partition was read up to it', async () => {
  const { positions, reach } = await setUp();
  const state = reach(
    new Map([
      [0, 12],
      [1, 3],
    ]),
  );
  assert.equal(await state(), 'waits');
  positions.set(0, 12);
  assert.equal(await state(), 'waits');
  positions.set(1, 2);
  assert.equal(await state(), 'waits');
  positions.set(1, 3);
  assert.equal(await state(), true);
});

test('an end is not reached while the schema of a record below it is being asked for', async () => {
  const first = Promise.withResolvers<Decoded<StatusEvent>>();
  const second = Promise.withResolvers<Decoded<StatusEvent>>();
  const { bring, reach, learnt } = await setUp({ a: () => first.promise, b: () => second.promise });
  bring('a', 'b', 'c');
  const state = reach(new Map([[0, 13]]));
  assert.deepEqual([await state(), learnt], ['waits', ['c at 12']]);
  first.resolve(readable('a'));
  assert.deepEqual([await state(), learnt], ['waits', ['c at 12', 'a at 10']]);
  second.resolve(readable('b'));
  assert.deepEqual([await state(), learnt], [true, ['c at 12', 'a at 10', 'b at 11']]);
});

test('while the registry is away a record waits to be learnt, and is not skipped', async () => {
  let answer: Answers[string] = away;
  const { bring, reach, learnt, skipped } = await setUp({ a: () => answer() });
  bring('a');
  const state = reach(new Map([[0, 11]]));
  assert.deepEqual([await state(60_000), learnt, skipped], ['waits', [], []]);
  answer = async () => readable('a');
  assert.deepEqual([await state(1_000), learnt, skipped], [true, ['a at 10'], []]);
});

test('a record that is no status event is counted, at once or later, and the fold goes on', async () => {
  const { bring, reach, learnt, skipped } = await setUp({ bad: () => POISON, late: async () => POISON });
  bring('bad', 'late', 'c');
  assert.deepEqual([await reach(new Map([[0, 13]]))(), learnt], [true, ['c at 12']]);
  assert.deepEqual(skipped, ['UNDECODABLE', 'UNDECODABLE']);
});

test('the waiting for an end ends at once when it is called off', async () => {
  const over = new AbortController();
  const { reach } = await setUp();
  const state = reach(new Map([[0, 11]]), over.signal);
  assert.equal(await state(), 'waits');
  over.abort();
  assert.equal(await state(0), false);
});

test('once closed it reads and learns no more', async () => {
  let answer: Answers[string] = away;
  const { clock, bring, follower, learnt, isOpen } = await setUp({ a: () => answer() });
  bring('a');
  await clock.advance(500);
  answer = async () => readable('a');
  await follower.close();
  await clock.advance(60_000);
  assert.deepEqual([isOpen(), learnt], [false, []]);
});

test('closed while the registry is away, it asks no more', async () => {
  const { clock, bring, follower, asked } = await setUp({ waits: away });
  bring('waits');
  await clock.advance(500);
  await follower.close();
  await clock.advance(60_000);
  assert.deepEqual(asked, ['waits']);
});
