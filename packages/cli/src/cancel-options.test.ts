import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CancelOptions, cancelCommand, cancelRequest } from './cancel-options.ts';

const TOPICS = ['x.otp', 'x.marketing'];

function parse(...args: readonly string[]) {
  const silent = { writeErr: () => undefined, writeOut: () => undefined };
  const command = cancelCommand().exitOverride().configureOutput(silent).parse(args, { from: 'user' });
  return cancelRequest(command.opts<CancelOptions>(), TOPICS);
}

const faultsOf = (...args: readonly string[]) => {
  const request = parse(...args);
  return 'faults' in request ? request.faults : [];
};

test('what is given is what is matched; without a time it holds up to now', () => {
  assert.deepEqual(parse('--template', 'sale', '--lane', 'marketing', '--source', ''), {
    kind: 'cancel',
    match: { source: '', template: 'sale', lane: 'marketing' },
    until: null,
    dryRun: false,
  });
  assert.deepEqual(parse('-m', 'm-1', '--dry-run'), {
    kind: 'cancel',
    match: { message_id: 'm-1' },
    until: null,
    dryRun: true,
  });
});

test('until is a time, a while ago, or a while ahead', () => {
  const until = (text: string) => {
    const request = parse('--source', 's', '--until', text);
    return 'kind' in request && request.kind === 'cancel' ? (request.until ?? 0) : 0;
  };
  assert.equal(until('2026-01-31T08:00Z'), Date.UTC(2026, 0, 31, 8));
  const now = Date.now();
  for (const [text, ms] of [
    ['30m', -1_800_000],
    ['+30m', 1_800_000],
  ] as const) {
    assert.ok(Math.abs(until(text) - now - ms) < 60_000, text);
  }
  for (const text of ['soon', '+soon', '8', '+8d', '2999-01-01']) {
    assert.throws(() => parse('--source', 's', '--until', text), { code: 'commander.invalidArgument' }, text);
  }
});

test('something must be named, and a whole lane in so many words', () => {
  assert.match(faultsOf()[0] ?? '', /what is to be called back/);
  assert.match(faultsOf('--lane', 'otp')[0] ?? '', /say so with --all-of-lane/);
  assert.deepEqual(faultsOf('--lane', 'otp', '--all-of-lane'), []);
  assert.deepEqual(faultsOf('--lane', 'otp', '--source', 's', '--all-of-lane'), [
    '--all-of-lane goes with --lane alone',
  ]);
});

test('an unknown lane is told with the list of lanes, a phone number is refused', () => {
  assert.deepEqual(faultsOf('--lane', 'promo', '--source', 's'), [
    'promo is no lane: there are otp, marketing',
  ]);
  assert.match(faultsOf('--source', 's', '--reason', '+62 812 345')[0] ?? '', /phone number/);
});

test('list and undo stand alone', () => {
  assert.deepEqual(parse('--list', '--json'), { kind: 'list' });
  assert.deepEqual(parse('--undo', 'a'), { kind: 'undo', id: 'a' });
  for (const args of [
    ['--list', '--undo', 'a'],
    ['--list', '--source', 's'],
    ['--undo', 'a', '--dry-run'],
  ]) {
    assert.deepEqual(faultsOf(...args), ['--list and --undo stand alone'], args.join(' '));
  }
});
