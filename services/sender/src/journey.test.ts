/** The way of one record. All rooms are doubled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KafkaRecord } from '@whatsapp-stream/kafka';
import { type Decoded, newSendRequest, type SendRequest } from '@whatsapp-stream/schemas';
import { journey, type Rooms } from './journey.ts';
import type { Stage } from './watchdog/whereabouts.ts';

const unused = () => assert.fail('not on this way');
const RECORD: KafkaRecord = {
  topic: 'x.otp',
  partition: 0,
  offset: 0,
  timestamp: 0,
  key: null,
  value: null,
  headers: {},
};
const REQUEST = newSendRequest({ message_id: 'm', msisdn: '628001', requested_at: 0 });

const poison: Decoded<SendRequest> = { ok: false, code: 'UNKNOWN_SCHEMA', text: 'unknown' };
const newer: Decoded<SendRequest> = { ok: true, value: REQUEST, schemaId: 2, unknownFields: true };

for (const [what, decoded, code] of [
  ['what is no request', poison, 'UNKNOWN_SCHEMA'],
  ['what only a newer version understands', newer, 'NEWER_SCHEMA'],
] as const) {
  test(`${what} is put aside, and is being written meanwhile`, async () => {
    const seen: string[] = [];
    const rooms: Rooms = {
      decode: async () => decoded,
      async deadLetter(_record, reason) {
        seen.push(reason);
        return 'done';
      },
      claim: () => ({ [Symbol.dispose]: () => {} }),
      admit: () => ({ kind: 'newer' }),
      delivery: {
        deliver: unused,
        resolveDoubt: unused,
        settleTaken: unused,
        refuse: unused,
        expire: unused,
        cancel: unused,
      },
      passOver: unused,
    };
    const at = (stage: Stage) => void seen.push(stage);
    const ending = await journey(RECORD, { lane: 'otp', laneIndex: 0 }, { at, known: unused }, rooms);
    assert.deepEqual([ending, seen], ['done', ['write', code]]);
  });
}

test('a repeat that is passed over, settled or on its way, is noted: what tells of it must be read again', async () => {
  for (const claimed of [true, false]) {
    const seen: string[] = [];
    const rooms: Rooms = {
      decode: async () => ({ ...newer, unknownFields: false }),
      deadLetter: unused,
      claim: () => (claimed ? { [Symbol.dispose]: () => void seen.push('let go') } : null),
      admit: claimed ? () => ({ kind: 'known' }) : unused,
      delivery: {
        deliver: unused,
        resolveDoubt: unused,
        settleTaken: unused,
        refuse: unused,
        expire: unused,
        cancel: unused,
      },
      passOver: () => 'done',
    };
    const place = { at: unused, known: () => void seen.push('known') };
    assert.equal(await journey(RECORD, { lane: 'otp', laneIndex: 0 }, place, rooms), 'done');
    assert.deepEqual(seen, claimed ? ['known', 'let go'] : ['known']);
  }
});
