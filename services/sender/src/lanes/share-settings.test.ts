import assert from 'node:assert/strict';
import { test } from 'node:test';
import { laneShareFaults, laneShares } from './share-settings.ts';

const schema = laneShares();
const faultsOf = (text: string) => schema.safeParse(text).error?.issues.map(({ message }) => message);

test('each lane has the share that is set', () => {
  const shares = schema.parse('otp:50, transactional:30,marketing:20');
  assert.deepEqual(['otp', 'transactional', 'marketing', 'other'].map(shares.of), [50, 30, 20, 0]);
  assert.deepEqual(shares.named, ['otp', 'transactional', 'marketing']);
});

test('the usual shares fit any lanes', () => {
  const shares = schema.parse('usual');
  assert.deepEqual(['otp', 'transactional', 'marketing', 'billing'].map(shares.of), [50, 30, 20, 20]);
  assert.deepEqual(laneShareFaults(shares, ['billing']), []);
});

test('nonsense is told apart, every fault of it', () => {
  for (const text of ['', 'x', 'otp', 'otp:', 'otp:50%', 'otp:-1', 'otp:99.5', 'otp:100,', 'otp 100']) {
    assert.deepEqual(
      faultsOf(text),
      ['must be usual, or shares of lanes in per cent, as otp:50,transactional:30,marketing:20'],
      text,
    );
  }
  assert.deepEqual(faultsOf('otp:50,marketing:49'), ['must be 100 together, not 99']);
  assert.deepEqual(faultsOf('otp:60,otp:50,marketing:0'), [
    'names otp twice',
    'marketing must have 1 or more',
    'must be 100 together, not 110',
  ]);
});

test('each lane of the topics is named, and no other', () => {
  const shares = schema.parse('otp:50,marketng:50');
  assert.deepEqual(laneShareFaults(shares, ['otp', 'marketing']), [
    'LANE_SHARES names marketng, which is no lane of SEND_TOPICS (otp, marketing)',
    'LANE_SHARES gives no share to marketing, a lane of SEND_TOPICS',
  ]);
  assert.deepEqual(laneShareFaults(shares, ['marketng', 'otp']), []);
});
