import {
  laneOf,
  type MessageState,
  type SendRequest,
  STATUS_SYMBOLS,
  type Status,
  type StatusEvent,
} from '@whatsapp-stream/schemas';
import { topicOfLane } from './check-message.ts';
import { objectOf, optional, texts } from './checks.ts';
import type { Where } from './replay/port.ts';

/** Where the facts lie that a `Where` asks for; one that `T` does not have cannot be asked for. */
interface FactsOf<T> {
  readonly status?: (of: T) => Status;
  readonly lane?: (of: T) => string | null;
  readonly source?: (of: T) => string | null;
  readonly template?: (of: T) => string | null;
  readonly messageId?: (of: T) => string | null;
}

/** Whether something is wanted. */
export type Wanted<T> = (of: T) => boolean;

const FACTS = ['status', 'lane', 'source', 'template', 'messageId'] as const;

const OF_EVENT: FactsOf<StatusEvent> = {
  status: (event) => event.status,
  lane: (event) => event.lane,
  source: (event) => event.source,
  template: (event) => event.template_name,
  messageId: (event) => event.message_id,
};

const OF_STATE: FactsOf<MessageState> = {
  status: (state) => state.status,
  lane: (state) => state.lane,
  source: (state) => state.source,
  template: (state) => state.templateName,
  messageId: (state) => state.messageId,
};

/** Of a request, whose lane is the topic that it lies in and whose status is not known yet. */
const OF_REQUEST: FactsOf<SendRequest> = {
  source: (request) => request.source,
  template: (request) => request.template?.name ?? null,
  messageId: (request) => request.message_id,
};

export const wantedEvents = (where: Where = {}): Wanted<StatusEvent> => wanted(where, OF_EVENT);
export const wantedStates = (where: Where = {}): Wanted<MessageState> => wanted(where, OF_STATE);
/** `where.status` and `where.lane` do not apply. */
export const wantedRequests = (where: Where = {}): Wanted<SendRequest> => wanted(where, OF_REQUEST);

const shapeOf = objectOf<undefined>(Object.fromEntries(FACTS.map((fact) => [fact, optional(texts)])));

/**
 * What is named and does not exist, each with the choices there are; and what only JavaScript lets through, which would
 * leave out everything or nothing.
 * @param lanes the topics of the lanes
 */
export function faultsOfWhere(where: Where, lanes: readonly string[]): readonly string[] {
  const misshapen = shapeOf(where, 'where', undefined);
  if (misshapen.length > 0) return misshapen;
  const { status = [], lane = [] } = where;
  const noStatus = status
    .filter((name) => !STATUS_SYMBOLS.includes(name))
    .map((name) => `there is no status ${name}; there are ${STATUS_SYMBOLS.join(', ')}`);
  const noLane = lane
    .filter((name) => topicOfLane(name, lanes) === undefined)
    .map((name) => `there is no lane ${name}; there are ${lanes.map(laneOf).join(', ')}`);
  return [...noStatus, ...noLane];
}

function wanted<T>(where: Where, factsOf: FactsOf<T>): Wanted<T> {
  const tests = FACTS.flatMap((fact) => {
    const values = where[fact];
    const factOf = factsOf[fact];
    return values === undefined || factOf === undefined ? [] : [isOneOf(namesOf(fact, values), factOf)];
  });
  const [only] = tests;
  if (only === undefined) return () => true;
  return tests.length === 1 ? only : (of) => tests.every((test) => test(of));
}

function isOneOf<T>(names: ReadonlySet<string>, factOf: (of: T) => string | null): Wanted<T> {
  return (of) => {
    const fact = factOf(of);
    return fact !== null && names.has(fact);
  };
}

/** Lanes can be named by their topics, whose last segment is what events call them. */
function namesOf(fact: (typeof FACTS)[number], values: readonly string[]): ReadonlySet<string> {
  return new Set(fact === 'lane' ? values.map(laneOf) : values);
}
