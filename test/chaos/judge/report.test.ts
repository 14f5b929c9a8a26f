import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportJson, reportLines } from './report.ts';
import { soundHistory } from './story.ts';
import { TERMS } from './test-support.ts';
import { judge, type Verdict } from './verdict.ts';

const sound = judge(soundHistory(), { ...TERMS, guardMs: 250 });

test('a clean verdict is a table of figures', () => {
  const lines = reportLines(sound);
  assert.equal(lines.at(-1), 'verdict: clean');
  for (const row of [/^records published +13$/, /^settled as ACCEPTED +6$/, /^lost +0$/, /^doubled +0$/])
    assert.ok(
      lines.some((line) => row.test(line)),
      `${row} in\n${lines.join('\n')}`,
    );
});

test('of each kind of violation at most twenty are listed, and the rest is counted', () => {
  const violations = Array.from({ length: 25 }, (_, i) => ({ kind: 'LOST', text: `m-${i}` }) as const);
  const verdict: Verdict = { ...sound, violations: [...violations, { kind: 'UNNAMED', text: 'one' }] };
  const lines = reportLines(verdict);
  assert.equal(lines.filter((line) => line.startsWith('LOST  m-')).length, 20);
  assert.ok(lines.includes('LOST  and 5 more'));
  assert.ok(lines.includes('UNNAMED  one'));
  assert.equal(lines.at(-1), 'verdict: 26 violations');
});

test('programs get figures, counts and every violation', () => {
  const verdict: Verdict = { ...sound, violations: [{ kind: 'LOST', text: 'm-1 at send.otp/0/3' }] };
  assert.deepEqual(JSON.parse(reportJson(verdict)), {
    clean: false,
    figures: sound.figures,
    counts: { LOST: 1 },
    violations: verdict.violations,
  });
});

test('a message_id that is not valid is not shown: it may hold anything', () => {
  const history = soundHistory();
  const bad = '+628123456789 \n';
  const sent = history.sent.map((one) =>
    one.request?.messageId === 'expired' ? { ...one, request: { ...one.request, messageId: bad } } : one,
  );
  const verdict = judge({ ...history, sent }, TERMS);
  assert.ok(verdict.violations.length > 0);
  assert.doesNotMatch(reportJson(verdict), /8123456789/);
});
