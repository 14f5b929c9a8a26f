import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { readSigningKeys, signToken } from '@whatsapp-stream/callback-token';
import type { NewMessage, Receipt } from '@whatsapp-stream/client';
import { offsetsOf, withAdmin } from '@whatsapp-stream/kafka';
import {
  createEncoder,
  newStatusEvent,
  type StatusEvent,
  senderEventId,
  subjectOf,
} from '@whatsapp-stream/schemas';
import { type SenderService, senderSettings, startSender } from '@whatsapp-stream/sender';
import { type Clock, createLogger, systemClock } from '@whatsapp-stream/service-kit';
import { callOf, makerOf } from '../../support/calls.ts';
import { messages } from '../../support/messages.ts';
import { type System, settingsFrom } from '../../support/system.ts';
import { until } from '../../support/until.ts';

/** What the log says of one message, so far. */
export const eventsOf = (system: System, id: string): readonly StatusEvent[] =>
  system.events.filter(({ message_id }) => message_id === id);

/** @returns the message's first event of this status, once there is one */
export async function eventOf(
  system: System,
  id: string,
  status: StatusEvent['status'],
  withinMs?: number,
): Promise<StatusEvent> {
  const find = () => eventsOf(system, id).find((event) => event.status === status);
  await system.until(() => find() !== undefined, withinMs);
  const event = find();
  assert.ok(event);
  return event;
}

/** The process that made an attempt, from its id. */
export const replicaOf = (attemptId: string | null | undefined): string => makerOf(attemptId ?? '');

/** How many different facts of these statuses there are; a fact that is in the log twice counts once. */
export function factsOf(system: System, id: string, ...statuses: readonly StatusEvent['status'][]): number {
  const facts = eventsOf(system, id).filter(({ status }) => statuses.includes(status));
  return new Set(facts.map(({ event_id }) => event_id)).size;
}

/** The requests for the message that have come to Verihubs. */
export function callsOf(system: System, id: string) {
  const requests = system.verihubs.control.events().filter((event) => event.type === 'request');
  return requests.filter(({ callbackUrl }) => callOf(callbackUrl)?.messageId === id);
}

/** Resolves when a request for each message has come to Verihubs; says nothing of its answer. */
export function arrived(system: System, ...ids: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!ids.every((id) => callsOf(system, id).length > 0)) return;
      stop();
      resolve();
    };
    const stop = system.verihubs.control.follow(look);
    look();
  });
}

const CANARIES = 90;

/**
 * Publishes messages to all partitions of all lanes, and waits until they are accepted: then whatever was published
 * before has been looked at by the active sender.
 * @returns who attempted them
 */
export async function sendThrough(system: System, run: string): Promise<ReadonlySet<string>> {
  const receipts = await system.publisher.sendMany(messages(run, CANARIES));
  const offsets = await withAdmin(system.kafka, (admin) => offsetsOf(admin, system.names.lanes));
  for (const [lane, partitions] of offsets) {
    const reached = new Set(receipts.filter(({ topic }) => topic === lane).map(({ partition }) => partition));
    assert.equal(reached.size, partitions.size, 'every partition has its share');
  }
  const accepted = () =>
    system.events.filter((e) => e.status === 'ACCEPTED' && e.message_id?.startsWith(`${run}-`));
  await system.until(() => new Set(accepted().map((e) => e.message_id)).size === CANARIES, 60_000);
  return new Set(accepted().map(({ attempt_id }) => replicaOf(attempt_id)));
}

/** Resolves when all that was published is committed. */
export async function allCommitted(system: System): Promise<void> {
  const { group, lanes } = system.names;
  await withAdmin(system.kafka, async (admin) => {
    const ends = [...(await offsetsOf(admin, lanes))];
    await until('all is committed', async () => {
      const committed = await admin.committed(group, lanes);
      return ends.every(([lane, of]) =>
        [...of].every(([partition, { high }]) => committed.get(lane)?.get(partition)?.offset === high),
      );
    });
  });
}

/** Goes as the system's does, but for what it was set forward or back by. */
export function settableClock(): { readonly clock: Clock; shift(ms: number): void } {
  let shiftMs = 0;
  return {
    clock: { ...systemClock, now: () => systemClock.now() + shiftMs },
    shift(ms) {
      shiftMs += ms;
    },
  };
}

/** A sender in this process whose wall clock is the test's. It is stopped after the test. */
export async function startByClock(t: TestContext, system: System, clock: Clock): Promise<SenderService> {
  const config = settingsFrom(senderSettings, system.env);
  const sender = await startSender({ config, log: createLogger('test', 'fatal'), clock });
  t.after(() => sender.stop());
  return sender;
}

/** Another replica, as far as the sender can tell: it writes to the status log, and Verihubs calls back for it. */
export interface Stranger extends AsyncDisposable {
  /** @param attemptId `number.maker` */
  tell(request: Receipt, status: StatusEvent['status'], attemptId: string): Promise<void>;
  /** A signed callback for the attempt, to callback-ingest. */
  callBack(request: Receipt, attemptId: string): Promise<void>;
}

export async function createStranger(system: System): Promise<Stranger> {
  const topic = system.names.status;
  const encoder = await createEncoder(system.registry, 'StatusEvent', subjectOf(topic));
  const producer = await system.kafka.producer();
  const keys = readSigningKeys(system.env['CALLBACK_SIGNING_KEYS'] ?? '');
  assert.ok(keys.ok);
  const [key] = keys.keys;
  return {
    async tell({ messageId, topic: lane, partition, offset }, status, attemptId) {
      const now = Date.now();
      const event = newStatusEvent({
        event_id: senderEventId({ messageId, attemptId, status }),
        message_id: messageId,
        status,
        origin: 'SENDER',
        attempt: Number.parseInt(attemptId, 10),
        attempt_id: attemptId,
        occurred_at: now,
        retry_at: status === 'RETRYING' ? now : null,
      });
      const headers = { send_topic: lane, send_partition: String(partition), send_offset: String(offset) };
      await producer.send([{ topic, key: messageId, value: encoder.encode(event), headers }]);
    },
    async callBack({ messageId }, attemptId) {
      const attempt = Number.parseInt(attemptId, 10);
      const token = signToken(key, { messageId, attempt, attemptId, issuedAtMs: Date.now() });
      const url = `${system.env['CALLBACK_BASE_URL']}/callbacks/${token}?session_id=s-${messageId}&status=1`;
      assert.equal((await fetch(url)).status, 200);
    },
    [Symbol.asyncDispose]: () => producer.close(),
  };
}

/** A message of its own id, number and parameter. */
export function newMessage(lane: string, messageId: string, number: number): NewMessage {
  const template = { name: 'order_update', langCode: 'id', bodyParams: [messageId] };
  return { lane, messageId, msisdn: `62819${String(number).padStart(7, '0')}`, template };
}
