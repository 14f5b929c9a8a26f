import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendingHours, sendingHoursFaults } from './hours-settings.ts';

const schema = sendingHours();
const faultsOf = (text: string) => schema.safeParse(text).error?.issues.map(({ message }) => message);
const within = (text: string, lane: string, time: string) =>
  schema.parse(text).isWithin(lane, Date.parse(time));

test('each lane has its hours, one without has none', () => {
  const text = 'marketing: 08:00-20:00 Asia/Jakarta;transactional :06:00 - 23:30  Europe/Berlin';
  assert.deepEqual(schema.parse(text).named, ['marketing', 'transactional']);
  assert.equal(within(text, 'marketing', '2026-05-01T20:00:00+07:00'), false);
  assert.equal(within(text, 'marketing', '2026-05-01T19:59:00+07:00'), true);
  assert.equal(within(text, 'transactional', '2026-05-01T05:59:00+02:00'), false);
  assert.equal(within(text, 'transactional', '2026-05-01T23:29:00+02:00'), true);
  assert.equal(within(text, 'otp', '2026-05-01T03:00:00+07:00'), true);
});

test('always is no hours at all', () => {
  const always = schema.parse('always');
  assert.deepEqual(always.named, []);
  assert.equal(always.isWithin('marketing', 0), true);
});

test('hours may go over midnight', () => {
  const text = 'marketing: 20:00-02:00 UTC';
  assert.equal(within(text, 'marketing', '2026-05-01T01:00:00Z'), true);
  assert.equal(within(text, 'marketing', '2026-05-01T02:00:00Z'), false);
});

test('what cannot be read is told, with what is wanted', () => {
  const wanted = 'must be always, or as marketing: 08:00-20:00 Asia/Jakarta; otp: 06:00-23:30 Asia/Jakarta';
  const texts = [
    '',
    'x',
    'marketing',
    'marketing: 08:00',
    'marketing: 08:00-20:00',
    'marketing: 08:00 20:00 UTC',
    '08:00-20:00 UTC',
    'marketing: 08:00-20:00 UTC;',
    'marketing: 08:00-20:00 UTC, otp: 08:00-20:00 UTC',
  ];
  for (const text of texts) assert.deepEqual(faultsOf(text), [wanted], text);
});

test('every fault is told', () => {
  assert.deepEqual(
    faultsOf('otp: 25:00-8:00 Asia/Atlantis; otp: 07:60-24:00 UTC; marketing: 08:00-08:00 UTC'),
    [
      'otp: 25:00 is no time from 00:00 to 23:59',
      'otp: 8:00 is no time from 00:00 to 23:59',
      'otp: Asia/Atlantis is no time zone that is known here',
      'otp: 07:60 is no time from 00:00 to 23:59',
      'otp: 24:00 is no time from 00:00 to 23:59',
      'marketing: starts and ends at 08:00',
      'names otp twice',
    ],
  );
});

test('a lane that is not there is told', () => {
  const hours = schema.parse('marketng: 08:00-20:00 UTC; otp: 08:00-20:00 UTC');
  assert.deepEqual(sendingHoursFaults(hours, ['otp', 'marketing']), [
    'SENDING_HOURS names marketng, which is no lane of SEND_TOPICS (otp, marketing)',
  ]);
});
