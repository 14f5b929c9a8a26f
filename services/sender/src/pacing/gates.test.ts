import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { createCircuit } from './circuit.ts';
import { createGates, type Gates, type GatesOptions } from './gates.ts';
import { createPace } from './pace.ts';

const OTP = 0;
const MARKETING = 2;

function setUp(more: Partial<GatesOptions> = {}) {
  const clock = manualClock();
  const circuit = createCircuit({ firstMs: 1_000, maxMs: 10_000 });
  const pace = createPace({ limit: 50, windowMs: 1_000 });
  const gates = createGates({
    lanes: 3,
    ahead: 2,
    maxCalls: 100,
    pace,
    circuit,
    isActive: () => true,
    clock,
    ...more,
  });
  return { clock, circuit, gates };
}

/** Sends a message through both gates; what happens is noted in `log`. */
async function pass(gates: Gates, lane: number, name: string, log: string[]): Promise<void> {
  if ((await gates.turn(lane)) === 'over') {
    log.push(`${name} over`);
    return;
  }
  log.push(`${name} turn`);
  const slot = await gates.slot(lane);
  log.push(`${name} ${slot.kind}`);
  if (slot.kind === 'go') assert.ok(slot.leave());
}

test('slots are spaced by the pace', async () => {
  const { clock, gates } = setUp();
  const log: string[] = [];
  for (const name of ['a', 'b', 'c']) void pass(gates, OTP, name, log);
  await clock.advance(0);
  assert.deepEqual(
    log.filter((line) => line.endsWith('go')),
    ['a go'],
  );
  await clock.advance(19);
  assert.deepEqual(
    log.filter((line) => line.endsWith('go')),
    ['a go'],
  );
  await clock.advance(1);
  assert.deepEqual(
    log.filter((line) => line.endsWith('go')),
    ['a go', 'b go'],
  );
});

test('only so many of a lane are written ahead', async () => {
  const { clock, gates } = setUp();
  const log: string[] = [];
  for (const name of ['a', 'b', 'c', 'd']) void pass(gates, MARKETING, name, log);
  await clock.advance(0);
  // a has its slot already, so b and c are ahead.
  assert.deepEqual(
    log.filter((line) => line.endsWith('turn')),
    ['a turn', 'b turn', 'c turn'],
  );
});

test('an otp that comes last takes the next slot, whatever waits and is written ahead', async () => {
  const { clock, gates } = setUp();
  const log: string[] = [];
  for (let i = 0; i < 50; i++) void pass(gates, MARKETING, `m${i}`, log);
  await clock.advance(100);
  void pass(gates, OTP, 'otp', log);
  log.length = 0;
  await clock.advance(20);
  assert.deepEqual(
    log.filter((line) => line.endsWith('go')),
    ['otp go'],
  );
});

test('no more calls are under way than there are connections', async () => {
  const { clock, gates } = setUp({ maxCalls: 1 });
  const log: string[] = [];
  for (const name of ['a', 'b']) void pass(gates, OTP, name, log);
  await clock.advance(1_000);
  assert.deepEqual(
    log.filter((line) => line.endsWith('go')),
    ['a go'],
  );
  gates.ended();
  await clock.advance(0);
  assert.deepEqual(
    log.filter((line) => line.endsWith('go')),
    ['a go', 'b go'],
  );
});

test('an open circuit takes back what waits for a slot, and lets one probe out when its time has come', async () => {
  const { clock, circuit, gates } = setUp();
  const log: string[] = [];
  for (const name of ['a', 'b', 'c', 'd']) void pass(gates, OTP, name, log);
  await clock.advance(0);
  circuit.trouble(clock.monotonic(), 'HTTP 401', false);
  gates.circuitChanged();
  gates.ended();
  await clock.advance(0);
  assert.deepEqual(log.slice(-2), ['b withdrawn', 'c withdrawn']);
  log.length = 0;
  await clock.advance(999);
  assert.deepEqual(log, []);
  await clock.advance(1);
  assert.deepEqual(log, ['d turn', 'd go']);
  void pass(gates, OTP, 'e', log);
  await clock.advance(5_000);
  assert.deepEqual(log, ['d turn', 'd go'], 'while the probe is out nothing else goes');
  circuit.fine(true);
  gates.circuitChanged();
  gates.ended();
  await clock.advance(20);
  assert.deepEqual(log.slice(2), ['e turn', 'e go']);
});

test('a turn that is given back makes room', async () => {
  const { clock, gates } = setUp({ ahead: 1, maxCalls: 0 });
  const log: string[] = [];
  assert.equal(await gates.turn(OTP), 'go');
  void pass(gates, OTP, 'b', log);
  await clock.advance(0);
  assert.deepEqual(log, []);
  gates.giveBack(OTP);
  await clock.advance(0);
  assert.deepEqual(log, ['b turn']);
});

test('once closed everybody is told that it is over, also who comes later', async () => {
  const { clock, gates } = setUp({ maxCalls: 0 });
  const log: string[] = [];
  for (const name of ['a', 'b', 'c']) void pass(gates, OTP, name, log);
  await clock.advance(0);
  gates.close();
  void pass(gates, OTP, 'late', log);
  await clock.advance(10_000);
  assert.deepEqual(log.slice(2).toSorted(), ['a over', 'b over', 'c over', 'late over']);
});

test('while it is not sure that this process is the active sender nothing passes, then it goes on without a burst', async () => {
  let active = true;
  const { clock, gates } = setUp({ isActive: () => active });
  const log: string[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e']) void pass(gates, OTP, name, log);
  await clock.advance(0);
  active = false;
  log.length = 0;
  await clock.advance(5_000);
  assert.equal(log.length, 0);
  active = true;
  await clock.advance(100);
  const gone = log.filter((line) => line.endsWith('go'));
  assert.ok(gone.length >= 1 && gone.length <= 5, gone.join());
});
