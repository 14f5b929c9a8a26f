import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommanderError } from 'commander';
import { REDRIVABLE, type RedriveOptions, redriveCommand, redriveRequest } from './options.ts';

const LANES = ['whatsapp.send.otp', 'whatsapp.send.marketing'];
const FROM = Date.UTC(2026, 0, 31, 8);

function parse(...args: readonly string[]) {
  const command = redriveCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  command.parse(['--from', '2026-01-31T08:00Z', ...args], { from: 'user' });
  return redriveRequest(command.opts<RedriveOptions>(), LANES);
}

function faults(...args: readonly string[]): string {
  const request = parse(...args);
  assert.ok('faults' in request, JSON.stringify(request));
  return request.faults.join('; ');
}

test('dead letters are meant where nothing else is said, of whatever reason', () => {
  assert.deepEqual(parse(), {
    kind: 'dead-letters',
    choice: {
      from: FROM,
      to: Number.POSITIVE_INFINITY,
      lane: null,
      source: null,
      template: null,
      messageId: null,
    },
    limit: Number.POSITIVE_INFINITY,
    dryRun: false,
    reasons: null,
    undecodable: false,
  });
});

test('statuses and reasons are lists, in either case, and may be repeated', () => {
  const ended = parse('--status', 'GAVE_UP,rejected', '--status', 'IN_DOUBT');
  assert.ok('kind' in ended && ended.kind === 'ended');
  assert.deepEqual([...ended.statuses], ['GAVE_UP', 'REJECTED', 'IN_DOUBT']);
  const letters = parse('--reason', 'UNKNOWN_SCHEMA, EMPTY');
  assert.ok('kind' in letters && letters.kind === 'dead-letters');
  assert.deepEqual([...(letters.reasons ?? [])], ['UNKNOWN_SCHEMA', 'EMPTY']);
});

test('what arrived, what expired and what is still open cannot be redriven', () => {
  for (const status of ['DELIVERED', 'READ', 'EXPIRED', 'ACCEPTED', 'RETRYING', 'NONSENSE']) {
    assert.match(faults('--status', status), new RegExp(`--status ${status} cannot be redriven`));
  }
  assert.equal(REDRIVABLE.length, 10);
});

test('what speaks of dead letters does not go with ended messages', () => {
  assert.match(
    faults('--status', 'GAVE_UP', '--reason', 'EMPTY', '--undecodable'),
    /--reason .*; --undecodable/,
  );
});

test('an unknown lane is refused with those that there are, and a time that ends before it begins', () => {
  assert.match(faults('--lane', 'bulk'), /bulk is no lane: there are otp, marketing/);
  assert.match(faults('--to', '2026-01-31T08:00Z'), /--to must be later/);
});

test('the time is needed, and times and numbers that make none are refused', () => {
  const command = () =>
    redriveCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => undefined });
  for (const args of [
    [],
    ['--from', 'soon'],
    ['--from', '1h', '--limit', '0'],
    ['--from', '1h', '--status', ','],
  ]) {
    assert.throws(() => command().parse(args, { from: 'user' }), CommanderError, args.join(' '));
  }
});
