import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Status } from '@whatsapp-stream/schemas';
import { InvalidRangeError } from '../errors.ts';
import type { ReplayOptions } from './port.ts';
import { checkPartitions, lanesOf, momentsOf } from './request.ts';

const LANES = ['whatsapp.send.otp', 'whatsapp.send.marketing'];
const NOW = Date.parse('2026-11-02T00:00:00Z');
const HOUR = 3_600_000;

const moments = (options: ReplayOptions) => momentsOf(options, LANES, NOW);

/** What is wrong with the options, by the error that says so. */
function faultsOf(options: ReplayOptions): readonly string[] {
  try {
    moments(options);
  } catch (error) {
    assert.ok(error instanceof InvalidRangeError);
    for (const fault of error.faults) assert.ok(error.message.includes(fault));
    return error.faults;
  }
  return [];
}

test('a range goes from its beginning to its end, or to the end of the log', () => {
  assert.deepEqual(moments({ from: NOW - HOUR, to: new Date(NOW) }), { fromMs: NOW - HOUR, toMs: NOW });
  assert.deepEqual(moments({ from: new Date(0) }), { fromMs: 0, toMs: undefined });
  assert.deepEqual(moments({ from: NOW }), { fromMs: NOW, toMs: undefined });
  assert.deepEqual(moments({ from: 0, to: NOW + HOUR }), { fromMs: 0, toMs: NOW + HOUR });
});

test('a range that is reversed, empty, in the future or no time is refused with its values', () => {
  assert.deepEqual(faultsOf({ from: NOW, to: NOW - HOUR }), [
    'to, 2026-11-01T23:00:00.000Z, must be later than from, 2026-11-02T00:00:00.000Z',
  ]);
  assert.equal(faultsOf({ from: NOW - HOUR, to: NOW - HOUR }).length, 1);
  assert.deepEqual(faultsOf({ from: NOW + HOUR }), [
    'from is in the future, 2026-11-02T01:00:00.000Z: it is 2026-11-02T00:00:00.000Z now',
  ]);
  const nonsense = faultsOf({ from: new Date('yesterday'), to: Number.NaN });
  assert.deepEqual(
    nonsense.map((fault) => fault.slice(0, fault.indexOf(':'))),
    ['from is Invalid Date', 'to is NaN'],
  );
});

test('a status or lane that does not exist is named with the choices, all at once', () => {
  // As somebody writes it who has no types.
  const options: ReplayOptions = JSON.parse(
    '{"from":0,"where":{"status":["READ","SEEN"],"lane":["otp","bulk"]}}',
  );
  const [status = '', lane = '', ...more] = faultsOf(options);
  assert.match(status, /no status SEEN; there are .*DELIVERED, READ/);
  assert.equal(lane, 'there is no lane bulk; there are otp, marketing');
  assert.deepEqual(more, []);
  const known: readonly Status[] = ['READ'];
  assert.deepEqual(
    faultsOf({ from: 0, where: { status: known, lane: ['otp', 'whatsapp.send.marketing'] } }),
    [],
  );
});

test('what only JavaScript lets through is told before anything is read', () => {
  const told = (text: string) => faultsOf(JSON.parse(text));
  assert.deepEqual(told('{"from":0,"partitions":"3"}'), ['partitions must be an array of whole numbers']);
  assert.deepEqual(told('{"from":0,"where":{"source":"shop"}}'), [
    'where.source must be an array of strings',
  ]);
});

test('lanes go by name or topic, each once and in their order', () => {
  assert.deepEqual(lanesOf({}, LANES), LANES);
  assert.deepEqual(lanesOf({ lane: ['marketing', 'whatsapp.send.otp', 'otp'] }, LANES), LANES);
  assert.deepEqual(lanesOf({ lane: ['marketing'] }, LANES), ['whatsapp.send.marketing']);
  assert.deepEqual(lanesOf({ lane: [] }, LANES), []);
});

test('a partition that none of the topics has is named', () => {
  const known = new Set([0, 1, 2]);
  assert.doesNotThrow(() => checkPartitions([0, 2], known));
  assert.throws(() => checkPartitions([1, 3], known), /there is no partition 3; there are 0 to 2/);
});
