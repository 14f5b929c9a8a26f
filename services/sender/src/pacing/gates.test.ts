import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { createCircuit } from './circuit.ts';
import { createGates, type Gates, type GatesOptions, type Turn } from './gates.ts';
import { createPace } from './pace.ts';

const OTP = 0;
const TRANSACTIONAL = 1;
const MARKETING = 2;

function setUp(more: Partial<GatesOptions> = {}) {
  const clock = manualClock();
  const circuit = createCircuit({ firstMs: 1_000, maxMs: 10_000 });
  const pace = createPace({ limit: 50, windowMs: () => 1_000 });
  const closed = new Set<number>();
  const gates = createGates({
    shares: [50, 30, 20],
    isOpen: (lane) => !closed.has(lane),
    ahead: 2,
    maxCalls: 100,
    pace,
    circuit,
    isActive: () => true,
    clock,
    ...more,
  });
  return { clock, circuit, gates, closed };
}

const turnIn = (lane: number): Turn => ({ lane, source: '', again: false, isExpired: () => false });

/** Sends a message through both gates; what happens is noted in `log`. */
async function pass(
  gates: Gates,
  lane: number,
  name: string,
  log: string[],
  more: Partial<Turn> = {},
): Promise<void> {
  const given = await gates.turn({ ...turnIn(lane), ...more });
  if (given !== 'go') {
    log.push(`${name} ${given}`);
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
  gates.changed();
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
  gates.changed();
  gates.ended();
  await clock.advance(20);
  assert.deepEqual(log.slice(2), ['e turn', 'e go']);
});

test('a turn that is given back makes room', async () => {
  const { clock, gates } = setUp({ ahead: 1, maxCalls: 0 });
  const log: string[] = [];
  assert.equal(await gates.turn(turnIn(OTP)), 'go');
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

const going = (log: readonly string[]) => log.filter((line) => line.endsWith(' go'));

test('when all lanes have work each has its share of the slots', async () => {
  const { clock, gates } = setUp({ maxCalls: 1_000 });
  const log: string[] = [];
  for (let i = 0; i < 100; i++) {
    for (const lane of [OTP, TRANSACTIONAL, MARKETING]) void pass(gates, lane, String(lane), log);
  }
  // The first ones went before the others were there.
  await clock.advance(190);
  log.length = 0;
  await clock.advance(2_000);
  const slots = going(log);
  assert.equal(slots.length, 100);
  const of = (lane: number) => slots.filter((line) => line === `${lane} go`).length;
  assert.ok(Math.abs(of(OTP) - 50) <= 1, `otp: ${of(OTP)}`);
  assert.ok(Math.abs(of(TRANSACTIONAL) - 30) <= 1, `transactional: ${of(TRANSACTIONAL)}`);
  assert.ok(Math.abs(of(MARKETING) - 20) <= 1, `marketing: ${of(MARKETING)}`);
});

test('the sources of a lane take turns, however much one of them has', async () => {
  const { clock, gates } = setUp();
  const log: string[] = [];
  for (let i = 0; i < 20; i++) void pass(gates, MARKETING, 'big', log, { source: 'big' });
  for (let i = 0; i < 3; i++) void pass(gates, MARKETING, 'small', log, { source: 'small' });
  await clock.advance(180);
  assert.equal(going(log).filter((line) => line === 'small go').length, 3);
});

test('what is tried again goes before what has not had its turn', async () => {
  const { clock, gates } = setUp({ ahead: 1 });
  const log: string[] = [];
  for (const name of ['a', 'b', 'c']) void pass(gates, OTP, name, log);
  void pass(gates, OTP, 'again', log, { again: true });
  await clock.advance(100);
  assert.deepEqual(going(log), ['a go', 'again go', 'b go', 'c go']);
});

test('a lane that closes takes back what was written ahead and lets nothing pass; the others go on', async () => {
  const { clock, gates, closed } = setUp();
  const log: string[] = [];
  for (const name of ['m1', 'm2', 'm3', 'm4']) void pass(gates, MARKETING, name, log);
  await clock.advance(0);
  closed.add(MARKETING);
  gates.changed();
  await clock.advance(0);
  assert.deepEqual(log.slice(-2), ['m2 withdrawn', 'm3 withdrawn']);
  void pass(gates, OTP, 'otp', log);
  await clock.advance(5_000);
  assert.deepEqual(log.slice(-2), ['otp turn', 'otp go']);
  closed.clear();
  gates.changed();
  await clock.advance(0);
  assert.deepEqual(log.slice(-2), ['m4 turn', 'm4 go']);
});

test('what was written ahead while its lane closed is taken back when it asks for its slot', async () => {
  const { clock, gates, closed } = setUp();
  assert.equal(await gates.turn(turnIn(MARKETING)), 'go');
  closed.add(MARKETING);
  gates.changed();
  const slot = gates.slot(MARKETING);
  await clock.advance(0);
  assert.deepEqual(await slot, { kind: 'withdrawn' });
});

test('an open circuit probes with nothing of a closed lane', async () => {
  const { clock, circuit, gates, closed } = setUp();
  const log: string[] = [];
  closed.add(OTP);
  circuit.trouble(clock.monotonic(), 'HTTP 401', false);
  gates.changed();
  void pass(gates, OTP, 'otp', log);
  void pass(gates, MARKETING, 'm', log);
  await clock.advance(1_000);
  assert.deepEqual(log, ['m turn', 'm go']);
});

for (const why of ['in a closed lane', 'while the circuit is open'] as const) {
  test(`what expires ${why} is told so within a second`, async () => {
    const { clock, circuit, gates, closed } = setUp();
    const log: string[] = [];
    if (why === 'in a closed lane') closed.add(OTP);
    else circuit.trouble(clock.monotonic(), 'HTTP 401', false);
    const isExpired = () => clock.monotonic() >= 400;
    void pass(gates, OTP, 'late', log, { isExpired });
    void pass(gates, OTP, 'other', log);
    await clock.advance(999);
    assert.deepEqual(log, []);
    closed.clear();
    await clock.advance(1);
    assert.equal(log[0], 'late expired');
  });
}

test('what has expired when its turn comes takes no room from the next', async () => {
  const { clock, gates } = setUp({ ahead: 1 });
  const log: string[] = [];
  for (const name of ['a', 'b']) void pass(gates, OTP, name, log);
  void pass(gates, OTP, 'late', log, { isExpired: () => clock.monotonic() >= 10 });
  void pass(gates, OTP, 'c', log);
  await clock.advance(40);
  assert.deepEqual(going(log), ['a go', 'b go', 'c go']);
  assert.ok(log.includes('late expired'));
});

test('an open circuit probes with the next one when the first one expires in the meantime', async () => {
  const { clock, circuit, gates } = setUp();
  const log: string[] = [];
  await clock.advance(100);
  circuit.trouble(clock.monotonic(), 'HTTP 401', false);
  await clock.advance(100);
  void pass(gates, OTP, 'late', log, { isExpired: () => clock.monotonic() >= 1_050 });
  void pass(gates, MARKETING, 'm', log);
  await clock.advance(1_000);
  assert.deepEqual(log, ['late expired', 'm turn', 'm go']);
});

test('an open circuit probes with another one when the lane of the first closes while it is written', async () => {
  const { clock, circuit, gates, closed } = setUp();
  const log: string[] = [];
  circuit.trouble(clock.monotonic(), 'HTTP 401', false);
  const turn = gates.turn(turnIn(OTP));
  void pass(gates, MARKETING, 'm', log);
  await clock.advance(1_000);
  assert.equal(await turn, 'go');
  closed.add(OTP);
  gates.changed();
  assert.deepEqual(await gates.slot(OTP), { kind: 'withdrawn' });
  await clock.advance(0);
  assert.deepEqual(log, ['m turn', 'm go']);
});
