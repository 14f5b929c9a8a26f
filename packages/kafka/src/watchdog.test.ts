/** Doubled: the cluster and timers. Observed: whether silence is told. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createWatchdog } from './watchdog.ts';

const SESSION_MS = 10_000;
/** What must have passed, and one of the twelve ticks in which it is counted. */
const [SILENCE_MS, TICK_MS] = [120_000, 10_000];

function setUp(t: TestContext, sessionMs = SESSION_MS) {
  const away = async () => {
    throw new Error('no broker');
  };
  const coordinator = { heartbeat: async () => undefined };
  const cluster = {
    findGroupCoordinator: async () => coordinator,
    fetchTopicsOffset: async () => [],
    connect: away,
    refreshMetadata: away,
    findBroker: away,
  } as unknown as Parameters<ReturnType<typeof createWatchdog>['watch']>[0];
  t.mock.timers.enable({ apis: ['setInterval'] });
  const silence = t.mock.fn((_: Error) => undefined);
  const watchdog = createWatchdog(sessionMs, silence);
  t.after(() => watchdog.end());
  watchdog.watch(cluster);
  const listeners = new Map<string, () => void>();
  const consumer = {
    events: { REQUEST_TIMEOUT: 'request timeout', CRASH: 'crash' },
    on: (name: string, listener: () => void) => listeners.set(name, listener),
  };
  const start = () =>
    watchdog.start(consumer as unknown as Parameters<ReturnType<typeof createWatchdog>['start']>[0]);
  const tell = (name: string) => listeners.get(name)?.();
  return { watchdog, cluster, start, tell, told: () => silence.mock.callCount() };
}

test('silence is told once it has lasted', (t) => {
  const { start, told } = setUp(t);
  start();
  t.mock.timers.tick(SILENCE_MS);
  assert.equal(told(), 0);
  t.mock.timers.tick(TICK_MS);
  assert.equal(told(), 1);
  t.mock.timers.tick(10 * SILENCE_MS);
  assert.equal(told(), 1);
});

test('with long sessions it must last for three of them', (t) => {
  const { start, told } = setUp(t, 60_000);
  start();
  t.mock.timers.tick(180_000);
  assert.equal(told(), 0);
  t.mock.timers.tick(15_000);
  assert.equal(told(), 1);
});

for (const [sign, show] of Object.entries<(seen: ReturnType<typeof setUp>) => unknown>({
  'a look for the coordinator': ({ cluster }) => cluster.findGroupCoordinator({ groupId: 'g' }),
  'a connect that fails': ({ cluster }) => cluster.connect(),
  'a look for brokers that fails': ({ cluster }) => cluster.refreshMetadata(),
  'a broker that is away': ({ cluster }) => cluster.findBroker({ nodeId: '0' }),
  'a request that times out': ({ tell }) => tell('request timeout'),
  'a crash after which it starts anew': ({ tell }) => tell('crash'),
})) {
  test(`${sign} is a sign of life`, async (t) => {
    const seen = setUp(t);
    const { start, told } = seen;
    start();
    for (let time = 0; time < 5; time++) {
      t.mock.timers.tick(SILENCE_MS);
      await Promise.resolve(show(seen)).catch(() => undefined);
    }
    assert.equal(told(), 0);
    t.mock.timers.tick(SILENCE_MS + TICK_MS);
    assert.equal(told(), 1);
  });
}

test('a heartbeat is a sign of life when it is asked, answered or not', async (t) => {
  const { start, cluster, told } = setUp(t);
  const found = await cluster.findGroupCoordinator({ groupId: 'g' });
  start();
  for (let time = 0; time < 5; time++) {
    t.mock.timers.tick(SILENCE_MS);
    (found as unknown as { heartbeat(): Promise<void> }).heartbeat();
  }
  assert.equal(told(), 0);
});

test('a process that was stopped for long finds one tick due, and has time to show life', (t) => {
  const { start, tell, told } = setUp(t);
  start();
  t.mock.timers.tick(SILENCE_MS - TICK_MS);
  // Here it sleeps for an hour.
  t.mock.timers.tick(TICK_MS);
  assert.equal(told(), 0);
  tell('request timeout');
  t.mock.timers.tick(SILENCE_MS);
  assert.equal(told(), 0);
});

test('before it was started and after its end nothing is told', (t) => {
  const { watchdog, start, told } = setUp(t);
  t.mock.timers.tick(2 * SILENCE_MS);
  start();
  watchdog.end();
  t.mock.timers.tick(2 * SILENCE_MS);
  assert.equal(told(), 0);
});
