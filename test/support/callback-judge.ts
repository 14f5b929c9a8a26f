import { type Kafka, type KafkaRecord, withAdmin } from '@whatsapp-stream/kafka';
import {
  callbackEventId,
  createDecoder,
  type SchemaRegistry,
  type StatusEvent,
  statusOfCode,
} from '@whatsapp-stream/schemas';
import { readToEnd } from '../chaos/judge/read-to-end.ts';
import type { Call } from './caller.ts';

/** What the topic says of the callbacks that were made. The first four must be empty. */
export interface Verdict {
  /** `event_id`s of callbacks that were answered 200 and are not in the topic. */
  readonly missing: readonly string[];
  /** `event_id`s in the topic that nobody called for. */
  readonly foreign: readonly string[];
  /** What an event says wrongly, in words. */
  readonly wrong: readonly string[];
  /** How many records are no status event. */
  readonly unreadable: number;
  /** Callbacks that were made, and those of them that were answered 200. */
  readonly made: number;
  readonly answered: number;
  /** Answered otherwise, or not at all. */
  readonly unkept: number;
  /** Of those, in the topic all the same: Kafka or the disk had it when the answer could not be given. */
  readonly unansweredInTopic: number;
  /** Facts in the topic, each once. */
  readonly facts: number;
  /** Records beyond the first of each fact. */
  readonly duplicates: number;
  /** `event_id`s of each partition, each where it came first. */
  readonly order: readonly (readonly string[])[];
}

export interface JudgeOptions {
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  readonly topic: string;
  readonly calls: ReadonlyMap<string, Call>;
}

interface Logged {
  readonly partition: number;
  readonly key: string | undefined;
  readonly event: StatusEvent;
}

/** The clock of the service is that of the test, but each reads it in ms. */
const CLOCK_STEP_MS = 2;

/** Holds the whole topic against the calls. @throws when it cannot be read */
export async function judgeCallbacks({ kafka, registry, topic, calls }: JudgeOptions): Promise<Verdict> {
  const records = await withAdmin(kafka, (admin) => readToEnd(kafka, admin, topic));
  const { logged, unreadable } = await decodeAll(records, registry);
  const byId = Map.groupBy(logged, ({ event }) => event.event_id);
  const answered = [...calls.values()].filter(({ status }) => status === 200);
  const unkept = [...calls.values()].filter(({ status }) => status !== 200);
  return {
    missing: answered.map(({ callback }) => callback.eventId).filter((id) => !byId.has(id)),
    foreign: [...byId.keys()].filter((id) => !calls.has(id)),
    wrong: logged.flatMap(({ key, event }) => faultOf(key, event, calls.get(event.event_id)) ?? []),
    unreadable,
    made: calls.size,
    answered: answered.length,
    unkept: unkept.length,
    unansweredInTopic: unkept.filter(({ callback }) => byId.has(callback.eventId)).length,
    facts: byId.size,
    duplicates: logged.length - byId.size,
    order: orderOf(logged),
  };
}

async function decodeAll(records: readonly KafkaRecord[], registry: SchemaRegistry) {
  const decoder = createDecoder(registry, 'StatusEvent');
  const logged: Logged[] = [];
  let unreadable = 0;
  for (const { partition, key, value } of records) {
    const decoded = await decoder.decode(value);
    if (decoded.ok) logged.push({ partition, key: key?.toString(), event: decoded.value });
    else unreadable += 1;
  }
  return { logged, unreadable };
}

function orderOf(logged: readonly Logged[]): readonly (readonly string[])[] {
  const byPartition = Map.groupBy(logged, ({ partition }) => partition);
  return [...byPartition.values()].map((of) => [...new Set(of.map(({ event }) => event.event_id))]);
}

/** @returns null for a right one, and for a foreign one, which is counted elsewhere */
function faultOf(key: string | undefined, event: StatusEvent, call: Call | undefined): string | null {
  if (call === undefined) return null;
  const { messageId, sessionId, attempt, attemptId, code } = call.callback;
  const facts: readonly (readonly [string, unknown, unknown])[] = [
    ['key', key, messageId],
    ['event_id', event.event_id, callbackEventId({ messageId, attemptId, sessionId, code })],
    ['message_id', event.message_id, messageId],
    ['session_id', event.session_id, sessionId],
    ['status', event.status, statusOfCode(code)],
    ['provider_code', event.provider_code, code],
    ['origin', event.origin, 'CALLBACK'],
    ['attempt', event.attempt, attempt],
    ['attempt_id', event.attempt_id, attemptId],
    ['verified', event.verified, true],
    ['“occurred_at lies within the call”', isWithin(event.occurred_at, call), true],
  ];
  const wrong = facts.find(([, is, shouldBe]) => is !== shouldBe);
  return wrong ? `${wrong[0]} of ${event.event_id} is ${wrong[1]}, not ${wrong[2]}` : null;
}

function isWithin(atMs: number, { sentAtMs, endedAtMs }: Call): boolean {
  return atMs >= sentAtMs - CLOCK_STEP_MS && atMs <= endedAtMs + CLOCK_STEP_MS;
}
