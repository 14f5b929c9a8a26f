import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LanesOptions, lanesCommand, lanesRequest } from './lanes-options.ts';

const TOPICS = ['x.otp', 'x.marketing'];

function parse(...args: readonly string[]) {
  const silent = { writeErr: () => undefined, writeOut: () => undefined };
  const command = lanesCommand().exitOverride().configureOutput(silent).parse(args, { from: 'user' });
  const [action, ...lanes] = command.args;
  return lanesRequest([action, lanes], command.opts<LanesOptions>(), TOPICS);
}

const faultsOf = (...args: readonly string[]) => {
  const request = parse(...args);
  return 'faults' in request ? request.faults : [];
};

test('without an action it shows the lanes', () => {
  assert.deepEqual(parse(), { kind: 'show' });
  assert.deepEqual(parse('--watch', '--json'), { kind: 'show' });
});

test('lanes are paused and resumed by name, or all by a brake of their own', () => {
  assert.deepEqual(parse('pause', 'marketing', 'otp', 'otp', '--reason', 'wrong text'), {
    kind: 'brake',
    paused: true,
    lanes: ['marketing', 'otp'],
  });
  assert.deepEqual(parse('resume', 'all'), { kind: 'brake', paused: false, lanes: ['*'] });
});

test('an unknown lane is told with the list of lanes', () => {
  assert.deepEqual(faultsOf('pause', 'promo'), ['promo is no lane: there are otp, marketing, or all']);
  assert.deepEqual(faultsOf('pause'), ['pause which lane? One of otp, marketing, or all']);
  assert.deepEqual(faultsOf('pause', 'all', 'otp'), ['all stands alone']);
  assert.throws(() => parse('stop', 'otp'), { code: 'commander.invalidArgument' });
});

test('what does not belong together is refused, and so is a phone number', () => {
  assert.deepEqual(faultsOf('--reason', 'why'), ['--reason goes with pause or resume']);
  assert.deepEqual(faultsOf('pause', 'otp', '--watch'), ['--watch does not go with pause']);
  const [fault = ''] = faultsOf('pause', 'otp', '--reason', 'complaint of 628123456789');
  assert.match(fault, /--reason holds what may be a phone number/);
  assert.doesNotMatch(fault, /628/);
});
