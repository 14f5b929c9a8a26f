import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KafkaRecord } from '@whatsapp-stream/kafka';
import {
  type Decoded,
  newSendRequest,
  RegistryUnavailableError,
  type SendRequest,
} from '@whatsapp-stream/schemas';
import { createLogger } from '@whatsapp-stream/service-kit';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { createRequestDecoder } from './decode.ts';

const record: KafkaRecord = {
  topic: 'x.otp',
  partition: 0,
  offset: 0,
  timestamp: 0,
  key: null,
  value: Buffer.from('628001 in a record'),
  headers: {},
};
const READABLE: Decoded<SendRequest> = {
  ok: true,
  value: newSendRequest({ message_id: 'm', msisdn: '628001', requested_at: 0 }),
  schemaId: 1,
  unknownFields: false,
};
const POISON: Decoded<SendRequest> = { ok: false, code: 'UNDECODABLE', text: 'no' };

/** @param awayForMs how long the registry is away */
function setUp(awayForMs: number, then: Decoded<SendRequest> = READABLE) {
  const clock = manualClock();
  const over = new AbortController();
  const askedAt: number[] = [];
  const lines: string[] = [];
  const decode = createRequestDecoder(
    {
      async decode() {
        askedAt.push(clock.now());
        if (clock.now() < awayForMs) throw new RegistryUnavailableError('away');
        return then;
      },
    },
    clock,
    createLogger('decode-test', 'warn', { write: (line) => lines.push(line) }),
  );
  const answers: (Decoded<SendRequest> | null)[] = [];
  const start = () => void decode(record, over.signal).then((answer) => answers.push(answer));
  return { clock, over, askedAt, lines, answers, start };
}

test('a registry that is away is waited for, longer each time and at most 5 s', async () => {
  const { clock, askedAt, answers, start } = setUp(16_000);
  start();
  await clock.advance(16_000);
  assert.deepEqual(answers, []);
  await clock.advance(1_000);
  assert.deepEqual(answers, [READABLE]);
  assert.deepEqual(askedAt, [0, 200, 600, 1_400, 3_000, 6_200, 11_200, 16_200]);
});

test('what cannot be read is told at once, and asked for once', async () => {
  const { clock, askedAt, lines, answers, start } = setUp(0, POISON);
  start();
  await clock.advance(0);
  assert.deepEqual([answers, askedAt, lines], [[POISON], [0], []]);
});

test('a term that ends while the registry is away gets no answer, and asks no more', async () => {
  const { clock, over, askedAt, answers, start } = setUp(Number.POSITIVE_INFINITY);
  start();
  await clock.advance(300);
  over.abort();
  await clock.advance(0);
  assert.deepEqual(answers, [null]);
  await clock.advance(60_000);
  assert.deepEqual(askedAt, [0, 200]);
});

test('a term that is over asks nothing', async () => {
  const { clock, over, askedAt, answers, start } = setUp(0);
  over.abort();
  start();
  await clock.advance(0);
  assert.deepEqual([answers, askedAt], [[null], []]);
});

test('however many records wait, it is said once in 5 s, without their content', async () => {
  const { clock, lines, start } = setUp(Number.POSITIVE_INFINITY);
  for (let i = 0; i < 20; i += 1) start();
  await clock.advance(4_999);
  assert.equal(lines.length, 1);
  await clock.advance(5_000);
  assert.equal(lines.length, 2);
  assert.doesNotMatch(lines.join(''), /628001/);
});
