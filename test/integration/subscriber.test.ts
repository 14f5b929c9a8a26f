/** Subscribers of one group against a real Kafka and a real registry; events are written in the services' place. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, suite, type TestContext, test } from 'node:test';
import type { Delivery } from '@whatsapp-stream/client';
import type { MessageState, StatusEvent } from '@whatsapp-stream/schemas';
import { useStack } from '../support/stack.ts';
import { eventOf, eventsOf, subscriberWorld } from '../support/subscriber-world.ts';
import { until } from '../support/until.ts';

const stack = await useStack();
const world = await subscriberWorld(stack);
after(() => world.close());

/** What is handed on of one fetch before it is looked at whether the partition is paused. */
const MOST_OF_A_FETCH = 200;

const idsOf = (events: readonly StatusEvent[]): readonly string[] => events.map(({ event_id }) => event_id);

/** A member in another process; `seen` is filled while it lives. */
function startMember(t: TestContext, topic: string, group: string, workMs: number) {
  const seen: string[] = [];
  const child = spawn(process.execPath, ['test/support/subscriber-member.ts'], {
    env: {
      ...process.env,
      KAFKA_BROKERS: stack.brokers,
      SCHEMA_REGISTRY_URL: stack.registryUrl,
      TOPIC: topic,
      GROUP: group,
      WORK_MS: String(workMs),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface(child.stdout).on('line', (line) => seen.push(line));
  const exited = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  t.after(kill);
  return { seen, kill };
}

suite('a subscriber', { concurrency: 5, timeout: 60_000 }, () => {
  test('members share the partitions; when one is killed in the middle nothing is lost', async (t) => {
    const log = await world.newLog(6);
    const group = world.newGroup();
    const events = eventsOf('m', 600);
    const here: StatusEvent[] = [];
    const victim = startMember(t, log.topic, group, 15);
    const { subscriber } = world.run(t, log, { group }, { onEvent: (event) => void here.push(event) });
    await until('both have partitions', () => [1, 2, 3, 4, 5].includes(subscriber.stats().partitions.length));
    await log.write(...events);
    await until('the victim is in the middle', async () => {
      return here.length > 0 && (await log.lag(group)) < events.length - here.length;
    });
    await victim.kill();
    assert.ok(victim.seen.length < 300, 'it had work left');
    const seen = () => new Set([...victim.seen, ...idsOf(here)]);
    await until('every event was handed to somebody', () => seen().size === events.length);
    await until('all is committed', async () => (await log.lag(group)) === 0);
    assert.ok(idsOf(here).length < events.length, 'the victim had a share');
  });

  test('a handler that throws is called again for the same event, after a pause, and nothing overtakes it', async (t) => {
    const log = await world.newLog(1);
    const calls: string[] = [];
    const told: (number | null)[] = [];
    const events = eventsOf('m', 5);
    const { subscriber } = world.run(
      t,
      log,
      {
        group: world.newGroup(),
        retry: { minMs: 10, maxMs: 20 },
        onError: (_error, { retryInMs }) => void told.push(retryInMs),
      },
      {
        onEvent({ message_id }, { attempt }) {
          calls.push(`${message_id} ${attempt}`);
          if (message_id === 'm-2' && attempt < 4) throw new TypeError('not yet');
        },
      },
    );
    await log.write(...events);
    await until('all are done', () => subscriber.stats().acknowledged === 5);
    assert.deepEqual(calls, ['m-0 1', 'm-1 1', 'm-2 1', 'm-2 2', 'm-2 3', 'm-2 4', 'm-3 1', 'm-4 1']);
    assert.deepEqual(told, [10, 20, 20]);
    assert.equal(subscriber.stats().failed, 3);
  });

  test('an event that is acknowledged later holds up the commit, not the others; a restart brings it again', async (t) => {
    const log = await world.newLog(1);
    const group = world.newGroup();
    await log.write(...eventsOf('m', 10));
    const held: Delivery[] = [];
    const onEvent = ({ message_id }: StatusEvent, delivery: Delivery) => {
      if (message_id === 'm-3') held.push(delivery);
      else delivery.ack();
    };
    const first = world.run(t, log, { group }, { onEvent, acknowledge: 'on-ack' });
    await until('nine are acknowledged', () => first.subscriber.stats().acknowledged === 9);
    assert.equal(first.subscriber.stats().unacknowledged, 1);
    await first.subscriber.close();
    await first.ended;
    assert.deepEqual(await log.committed(group), new Map([[0, 3]]));
    assert.equal(held[0]?.signal.aborted, true);
    held[0]?.ack();

    const second = world.run(t, log, { group }, { onEvent, acknowledge: 'on-ack' });
    await until('the rest comes again', () => second.subscriber.stats().acknowledged === 6);
    assert.equal(held.length, 2);
    held[1]?.ack();
    await until('it is committed', async () => (await log.lag(group)) === 0);
  });

  test('no more is fetched than may be unacknowledged, and it goes on when half are', async (t) => {
    const log = await world.newLog(1);
    const held: Delivery[] = [];
    const { subscriber } = world.run(
      t,
      log,
      { group: world.newGroup(), maxUnacknowledged: 10 },
      { onEvent: (_event, delivery) => void held.push(delivery), acknowledge: 'on-ack' },
    );
    await log.write(...eventsOf('m', 1_000));
    let most = 0;
    for (let i = 0; i < 1_000; i++) {
      await until('the next is there', () => held.length > i);
      most = Math.max(most, subscriber.stats().unacknowledged);
      held[i]?.ack();
    }
    assert.equal(subscriber.stats().acknowledged, 1_000);
    assert.ok(most <= MOST_OF_A_FETCH + 10, `${most} were unacknowledged`);
  });

  test('an event that comes twice is handed over once, when it was acknowledged', async (t) => {
    const log = await world.newLog(2);
    const seen: StatusEvent[] = [];
    const { subscriber } = world.run(
      t,
      log,
      { group: world.newGroup() },
      { onEvent: (event) => void seen.push(event) },
    );
    const events = eventsOf('m', 20);
    await log.write(...events, ...events);
    await log.write(...events);
    await until('all are passed', () => subscriber.stats().duplicates === 40);
    assert.deepEqual(new Set(idsOf(seen)), new Set(idsOf(events)));
    assert.equal(seen.length, 20);
  });

  test('what cannot be read is told and stops nobody; what is not wanted counts as done', async (t) => {
    const log = await world.newLog(1);
    const group = world.newGroup();
    const told: string[] = [];
    const seen: StatusEvent[] = [];
    const { subscriber } = world.run(
      t,
      log,
      {
        group,
        where: { status: ['READ'] },
        onSkipped: ({ code, record }) => void told.push(`${code} ${record.offset}`),
      },
      { onEvent: (event) => void seen.push(event) },
    );
    await log.write(eventOf('m', 'SENT'));
    await log.writeJunk('m');
    await log.write(eventOf('m', 'READ'), eventOf('n', 'DELIVERED'));
    await until('all is committed', async () => (await log.lag(group)) === 0);
    assert.deepEqual(idsOf(seen), ['m/READ']);
    assert.deepEqual(told, ['NOT_CONFLUENT 1']);
    assert.equal(subscriber.stats().skipped, 1);
  });

  test('close waits for the handler under way, commits what is done, and leaves the group at once', async (t) => {
    const log = await world.newLog(1);
    const group = world.newGroup();
    await log.write(...eventsOf('m', 50));
    const underWay = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    let calls = 0;
    const first = world.run(
      t,
      log,
      { group },
      {
        async onEvent() {
          calls += 1;
          if (calls < 20) return;
          underWay.resolve();
          await release.promise;
        },
      },
    );
    await underWay.promise;
    const closed = first.subscriber.close();
    release.resolve();
    await closed;
    await first.ended;
    assert.equal(calls, 20);
    assert.deepEqual(await log.committed(group), new Map([[0, 20]]));
    const startedAt = performance.now();
    const rest: StatusEvent[] = [];
    world.run(t, log, { group }, { onEvent: (event) => void rest.push(event) });
    await until('the rest comes', () => rest.length === 30);
    assert.ok(performance.now() - startedAt < 5_000, 'the session of the first one is not waited for');
  });

  test('a handler that never ends holds up close for its time only', async (t) => {
    const log = await world.newLog(1);
    const group = world.newGroup();
    await log.write(...eventsOf('m', 3));
    const signals: AbortSignal[] = [];
    const { subscriber, ended } = world.run(
      t,
      log,
      { group, closeTimeoutMs: 200 },
      {
        async onEvent({ message_id }, { signal }) {
          if (message_id !== 'm-1') return;
          signals.push(signal);
          await new Promise(() => undefined);
        },
      },
    );
    await until('it hangs', () => signals.length === 1);
    await subscriber.close();
    await ended;
    assert.equal(signals[0]?.aborted, true);
    assert.deepEqual(await log.committed(group), new Map([[0, 1]]));
  });

  test('the ends that were not asked for reject run', async (t) => {
    const log = await world.newLog(1);
    const group = world.newGroup();
    const missing = { ...log, topic: `${log.topic}.missing` };
    await assert.rejects(
      world.run(t, missing, { group }, { onEvent: () => undefined }).ended,
      /does not exist/,
    );
    await log.writeJunk('m');
    const onSkipped = () => {
      throw new Error('a fault of the hook');
    };
    const faulty = world.run(t, log, { group, onSkipped }, { onEvent: () => undefined });
    await assert.rejects(faulty.ended, /a fault of the hook/);
    await assert.rejects(faulty.subscriber.run({ onEvent: () => undefined }), /runs once/);
  });

  test('states: only what changes one is handed over, and after a restart they go on from where they were', async (t) => {
    const log = await world.newLog(4);
    const group = world.newGroup();
    const states: string[] = [];
    const onState = ({ messageId, status, lane }: MessageState) =>
      void states.push(`${messageId} ${status} ${lane}`);
    const accepted = eventOf('m', 'ACCEPTED', { origin: 'SENDER', lane: 'otp', session_id: 's-m' });
    await log.write(accepted, eventOf('m', 'READ'), eventOf('m', 'SENT'), eventOf('n', 'SENT'));
    const first = world.run(t, log, { group }, { onState });
    await until('all is committed', async () => (await log.lag(group)) === 0);
    await first.subscriber.close();
    assert.deepEqual(states.toSorted(), ['m ACCEPTED otp', 'm READ otp', 'n SENT null']);

    states.length = 0;
    await log.write(eventOf('m', 'DELIVERED'), eventOf('n', 'DELIVERED'));
    await log.write(eventOf(null, 'READ', { session_id: 's-m', event_id: 'late' }));
    const second = world.run(t, log, { group }, { onState });
    await until('all is committed again', async () => (await log.lag(group)) === 0);
    await second.subscriber.close();
    assert.deepEqual(states, ['n DELIVERED null']);
  });
});
