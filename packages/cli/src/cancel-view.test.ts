import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countJson, countLines, ruleJson, ruleLine, showMatch } from './cancel-view.ts';

const NOW = new Date(2026, 0, 31, 9, 5, 7).getTime();
const said = {
  match: { source: 'shop', template: 'sale' },
  until: null,
  reason: 'wrong price',
  by: 'ana',
};

test('what a cancellation names is shown as the command line has it', () => {
  assert.equal(showMatch({ lane: 'otp', message_id: 'm' }), '--message-id m --lane otp');
  assert.equal(showMatch({ source: '' }), "--source ''");
  assert.doesNotMatch(showMatch({ template: 'a\u001b[2Jb' }), /\p{Cc}/u);
});

test('a cancellation is a line, with the time that it holds up to', () => {
  assert.equal(
    ruleLine('8f3a91c2', { said, at: NOW }, NOW),
    '8f3a91c2  --source shop --template sale  queued until 09:05:07  given 09:05:07 by ana  wrong price',
  );
  assert.deepEqual(JSON.parse(ruleJson('a', { said, at: NOW })), { id: 'a', at: NOW, ...said, until: NOW });
});

const count = (lane: string, queued: number, matching: number, unreadable = 0) => ({
  lane,
  queued,
  matching,
  unreadable,
});

test('what was found is told for each lane that holds something, and together', () => {
  assert.deepEqual(countLines([count('otp', 0, 0)]), ['nothing is queued']);
  assert.deepEqual(countLines([count('otp', 0, 0), count('marketing', 20_000, 12_345, 2)]), [
    'marketing: 12,345 of 20,000 queued messages match (2 cannot be read)',
  ]);
  assert.deepEqual(countLines([count('otp', 3, 1), count('marketing', 5, 4)]), [
    'otp: 1 of 3 queued messages match',
    'marketing: 4 of 5 queued messages match',
    'together: 5',
  ]);
  assert.deepEqual(JSON.parse(countJson(null, [count('otp', 3, 1)])), {
    id: null,
    dry_run: true,
    matching: 1,
    lanes: [count('otp', 3, 1)],
  });
});
