/**
 * A sender that is stopped, killed or replaced in the middle of its work. Senders are processes of their own; all
 * is real but Verihubs. Observed: exit codes, committed offsets, and at the receiving end that nothing is sent
 * twice and nothing is lost.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { foldEvents } from '@whatsapp-stream/schemas';
import { messages } from '../support/messages.ts';
import { ownProcesses } from '../support/processes.ts';
import { useStack } from '../support/stack.ts';
import { type System, startSystem } from '../support/system.ts';

const MESSAGES = 300;
const stack = await useStack();
const processes = ownProcesses();
let system: System;
before(async () => {
  system = await startSystem(stack, {
    env: { SENDER_SESSION_TIMEOUT_MS: '6000', DOUBT_GRACE_MS: '20000' },
    verihubs: {
      limit: { maxRequestsPerSecond: 1_000 },
      faults: { latency: { minMs: 50, maxMs: 300 } },
      callbacks: { outcomes: [{ codes: [1], weight: 1 }], delayMs: { minMs: 1, maxMs: 20 } },
    },
  });
});
beforeEach(() => system.verihubs.control.reset());
after(async () => {
  await system?.stop();
  await processes[Symbol.asyncDispose]();
});

async function publish(run: string): Promise<void> {
  await system.publisher.sendMany(messages(run, MESSAGES));
}

const settled = (run: string, ...statuses: string[]) =>
  new Set(
    system.events
      .filter((e) => e.message_id?.startsWith(`${run}-`) && statuses.includes(e.status))
      .map((e) => e.message_id),
  ).size;

function assertEachSentOnce(run: string): void {
  const { taken, duplicates } = system.verihubs.control.stats();
  assert.deepEqual({ taken, extra: duplicates.extraTakings }, { taken: MESSAGES, extra: 0 });
  for (const [id, events] of Map.groupBy(system.events, ({ message_id }) => message_id)) {
    if (id?.startsWith(`${run}-`)) assert.ok(foldEvents(events)?.settled, `${id} is not settled`);
  }
}

test('SIGTERM: calls under way are recorded, offsets committed, exit code 0; the next one goes on where it ended', async () => {
  const first = await processes.sender('term-1', system.env);
  await publish('term');
  await system.until(() => settled('term', 'ACCEPTED') >= 30);
  const asked = performance.now();
  first.signal('SIGTERM');
  assert.equal(await first.ended, 0);
  assert.ok(performance.now() - asked < 15_000);
  const { requests } = system.verihubs.control.stats();
  await system.until(() => settled('term', 'ACCEPTED') >= requests);

  const admin = await system.kafka.admin();
  const committed = await admin.committed(system.names.group, system.names.lanes);
  await admin.close();
  const done = [...committed.values()]
    .flatMap((of) => [...of.values()])
    .reduce((sum, { offset }) => sum + offset, 0);
  assert.equal(done, requests, 'what was sent is committed, and nothing else');

  const second = await processes.sender('term-2', system.env);
  await system.until(() => settled('term', 'ACCEPTED') === MESSAGES);
  assertEachSentOnce('term');
  await second.stop();
});

test('kill -9: what was under way is told by callbacks, the rest goes on, and nothing is sent twice', async () => {
  const first = await processes.sender('kill-1', system.env);
  await publish('kill');
  await system.until(() => settled('kill', 'ACCEPTED') >= 30);
  first.signal('SIGKILL');
  await first.ended;
  const second = await processes.sender('kill-2', system.env);
  await system.until(() => settled('kill', 'ACCEPTED', 'IN_DOUBT') === MESSAGES, 60_000);
  const { taken, duplicates } = system.verihubs.control.stats();
  assert.equal(duplicates.extraTakings, 0);
  assert.ok(taken <= MESSAGES && taken >= MESSAGES - settled('kill', 'IN_DOUBT'));
  await second.stop();
});

test('a replica that joins changes nothing; when the active one stops the other goes on', async () => {
  const active = await processes.sender('pair-1', system.env);
  const other = await processes.sender('pair-2', system.env);
  await publish('pair');
  await system.until(() => settled('pair', 'ACCEPTED') >= 30);
  const third = await processes.sender('pair-3', system.env);
  await system.until(() => settled('pair', 'ACCEPTED') >= 100);
  await active.stop();
  await system.until(() => settled('pair', 'ACCEPTED') === MESSAGES, 60_000);
  assertEachSentOnce('pair');
  await Promise.all([other.stop(), third.stop()]);
});
