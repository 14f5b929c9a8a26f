/**
 * One record is put off again and again while thousands above it, in the same partition, are settled; then the sender
 * is killed. It is a process of its own; the next one is in this process, with a clock that is hours ahead. All is
 * real but Verihubs. Observed: the committed offset, the status log, and at the receiving end that only the one is
 * sent.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { NewRecord } from '@whatsapp-stream/kafka';
import { createEncoder, newSendRequest, newTemplate, subjectOf } from '@whatsapp-stream/schemas';
import type { Fault } from '@whatsapp-stream/verihubs-simulator';
import { ownProcesses } from '../../support/processes.ts';
import { useStack } from '../../support/stack.ts';
import { type System, startSystem } from '../../support/system.ts';
import { until } from '../../support/until.ts';
import {
  allCommitted,
  callsOf,
  eventOf,
  eventsOf,
  factsOf,
  newMessage,
  settableClock,
  startByClock,
} from './support.ts';

const BELOW = 20;
const ABOVE = 3_500;
/** Shorter than it takes to send those above: it is put off several times. */
const RETRY_AFTER_S = 4;
/** Longer than settled messages are remembered anyway: the committed offset alone says how far back to read. */
const LONG_AFTER_MS = 2 * 3_600_000;
const HELD = 'left-behind';
/** Put off once: so the offset of the other is first committed when many above have been attempted. */
const JUST_BELOW = 'just-below';

const BELOW_IDS = Array.from({ length: BELOW }, (_, i) => `below-${i}`);
const ABOVE_IDS = Array.from({ length: ABOVE }, (_, i) => `above-${i}`);
const IDS = [...BELOW_IDS, JUST_BELOW, HELD, ...ABOVE_IDS];
const messageOf = (id: string) => newMessage('transactional', id, IDS.indexOf(id));
const putOff: Fault = { kind: 'status', status: 429, retryAfterSeconds: RETRY_AFTER_S };

const stack = await useStack();
const processes = ownProcesses();
let system: System;
before(async () => {
  system = await startSystem(stack, {
    env: {
      SENDER_SESSION_TIMEOUT_MS: '6000',
      VERIHUBS_MAX_RPS: '2000',
      // On a busy machine many calls at a time take long, and none is to be in doubt.
      VERIHUBS_TIMEOUT_MS: '60000',
      DOUBT_GRACE_MS: '70000',
    },
    verihubs: {
      limit: { maxRequestsPerSecond: null },
      faults: {
        rules: [
          { fault: putOff, msisdn: messageOf(HELD).msisdn },
          { fault: putOff, msisdn: messageOf(JUST_BELOW).msisdn, next: 1 },
        ],
      },
      callbacks: { lossProbability: 1 },
    },
  });
});
after(async () => {
  await system?.stop();
  await processes[Symbol.asyncDispose]();
});

/** Writes them under one key, so that they share a partition. */
async function publish() {
  const [, topic = ''] = system.names.lanes;
  const encoder = await createEncoder(system.registry, 'SendRequest', subjectOf(topic));
  const records = IDS.map((id): NewRecord => {
    const { msisdn } = messageOf(id);
    const template = newTemplate({ name: 'order_update', lang_code: 'id', body_params: [id] });
    const request = { message_id: id, msisdn, template, requested_at: Date.now() };
    return { topic, key: 'one-partition', value: encoder.encode(newSendRequest(request)) };
  });
  const producer = await system.kafka.producer();
  const positions = await producer.send(records);
  await producer.close();
  return positions;
}

const accepted = () =>
  new Set(system.events.filter(({ status }) => status === 'ACCEPTED').map(({ message_id }) => message_id))
    .size;

test('the crash sends none of the thousands again, and the one is delivered', async (t) => {
  const first = await processes.sender('first', system.env);
  const position = (await publish())[IDS.indexOf(HELD)];
  assert.ok(position);
  await system.until(() => accepted() === IDS.length - 1, 120_000);

  // A commit is made of all partitions together, and this one must be in it.
  const other = await system.publisher.send(newMessage('marketing', 'other', IDS.length));
  const admin = await system.kafka.admin();
  t.after(() => admin.close());
  const committed = async ({ topic, partition }: { readonly topic: string; readonly partition: number }) =>
    (await admin.committed(system.names.group, system.names.lanes)).get(topic)?.get(partition)?.offset;
  await until('the other is committed', async () => (await committed(other)) === other.offset + 1);
  assert.equal(await committed(position), position.offset);

  const timesPutOff = () => factsOf(system, HELD, 'RETRYING');
  const soFar = timesPutOff();
  await system.until(() => timesPutOff() > soFar);
  first.signal('SIGKILL');
  await first.ended;
  assert.equal(factsOf(system, HELD, 'ATTEMPTED'), timesPutOff(), 'it is not in doubt');
  const callsBefore = system.verihubs.control.stats().requests;
  system.verihubs.control.setFaults({});

  const { clock, shift } = settableClock();
  shift(LONG_AFTER_MS);
  await startByClock(t, system, clock);
  const last = await eventOf(system, HELD, 'ACCEPTED');
  assert.equal(last.attempt, timesPutOff() + 1);
  await allCommitted(system);
  const { requests, taken, duplicates } = system.verihubs.control.stats();
  assert.deepEqual(
    { requests: requests - callsBefore, taken, extra: duplicates.extraTakings },
    { requests: 1, taken: IDS.length + 1, extra: 0 },
  );
  for (const id of [...BELOW_IDS, ...ABOVE_IDS]) {
    assert.deepEqual(
      eventsOf(system, id)
        .map(({ status }) => status)
        .toSorted(),
      ['ACCEPTED', 'ATTEMPTED'],
      id,
    );
  }
  assert.equal(callsOf(system, HELD).length, timesPutOff() + 1);
});
