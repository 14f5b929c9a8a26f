import {
  faultsOf,
  laneOf,
  newSendRequest,
  newTemplate,
  ON_DOUBT_SYMBOLS,
  type SendRequest,
} from '@whatsapp-stream/schemas';
import {
  type Check,
  isObject,
  isTime,
  NO_FAULTS,
  nullable,
  objectOf,
  oneOf,
  optional,
  text,
  texts,
  textsByName,
  time,
} from './checks.ts';
import type { MessageTemplate, NewMessage, TraceContext } from './message.ts';
import { isRegion, type Region, readPhoneNumber } from './phone-number.ts';

/** What messages are held against. */
export interface MessageRules {
  /** The lanes' topics. */
  readonly lanes: readonly string[];
  /** ms since 1970; a message that expires at or before it is too late. */
  readonly nowMs: number;
  /** How numbers are read; as E.164 digits alone unless given. */
  readonly defaultRegion?: Region | null | undefined;
}

type Checks<T> = Readonly<Record<keyof T, Check<MessageRules>>>;

const SOUND_TEMPLATE = newTemplate({ name: 'sound', lang_code: 'id' });
const SOUND = newSendRequest({
  message_id: 'sound',
  msisdn: '628001',
  template: SOUND_TEMPLATE,
  requested_at: 0,
});

const TEMPLATE: Checks<MessageTemplate> = {
  name: textThat((name) => ({ template: { ...SOUND_TEMPLATE, name } })),
  langCode: textThat((lang_code) => ({ template: { ...SOUND_TEMPLATE, lang_code } })),
  headerParams: optional(texts),
  bodyParams: optional(texts),
  buttonUrlParam: nullable(text),
};

const TRACE: Checks<TraceContext> = {
  traceparent: optional(text),
  tracestate: optional(text),
  baggage: optional(text),
};

const MESSAGE: Checks<NewMessage> = {
  lane: knownLane,
  messageId: optional(textThat((message_id) => ({ message_id }))),
  msisdn: phoneNumber,
  defaultRegion: nullable((value, at) =>
    isRegion(value) ? NO_FAULTS : [`${at} must be the two letters of a country, like ID`],
  ),
  template: objectOf(TEMPLATE),
  expiresAt: nullable((value, at, { nowMs }) =>
    isTime(value) && Number(value) <= nowMs ? [`${at} is past: it would never be sent`] : time(value, at),
  ),
  requestedAt: optional(time),
  source: optional(text),
  onDoubt: optional(oneOf(ON_DOUBT_SYMBOLS)),
  metadata: optional(textsByName),
  trace: optional(objectOf(TRACE)),
};

const check = objectOf(MESSAGE);

/**
 * Tells everything that makes a message unfit to be published, also what only JavaScript lets through.
 * @returns a sentence for each fault, which begins with the name of the field. None contains the number or a
 *   parameter of the template
 */
export function faultsOfMessage(message: NewMessage, rules: MessageRules): readonly string[] {
  const own: unknown = isObject(message) ? message.defaultRegion : undefined;
  const counts = own === undefined || (own !== null && !isRegion(own)) ? rules.defaultRegion : own;
  return check(message, '', { ...rules, defaultRegion: counts });
}

/** @returns the lane's topic, or undefined when there is no such lane */
export function topicOfLane(lane: string, lanes: readonly string[]): string | undefined {
  return lanes.find((topic) => topic === lane || laneOf(topic) === lane);
}

/** @returns the number of a message without faults, as E.164 digits */
export function digitsOf({ msisdn, defaultRegion }: NewMessage, rules: MessageRules): string {
  const region = defaultRegion === undefined ? rules.defaultRegion : defaultRegion;
  return (region && readPhoneNumber(msisdn, region)) ?? msisdn;
}

function knownLane(value: unknown, at: string, { lanes }: MessageRules): readonly string[] {
  const names = lanes.map(laneOf);
  if (typeof value !== 'string') return [`${at} must be one of ${names.join(', ')}`];
  return topicOfLane(value, lanes) === undefined
    ? [`${at} ${JSON.stringify(value)} is none of ${names.join(', ')}`]
    : NO_FAULTS;
}

function phoneNumber(value: unknown, at: string, { defaultRegion }: MessageRules): readonly string[] {
  if (typeof value !== 'string') return text(value, at);
  const digits = defaultRegion ? readPhoneNumber(value, defaultRegion) : value;
  if (digits !== undefined) return faultsWith({ msisdn: digits }, at);
  return [`${at} cannot be read as one number, by ${defaultRegion} or with + and a country code`];
}

/** A string for which everything holds that holds for it in a request. */
function textThat(inRequest: (value: string) => Partial<SendRequest>): Check<unknown> {
  return (value, at) => (typeof value === 'string' ? faultsWith(inRequest(value), at) : text(value, at));
}

/** The faults of a request that is sound but for one field, in words that name the field as it is called here. */
function faultsWith(fields: Partial<SendRequest>, at: string): readonly string[] {
  return faultsOf({ ...SOUND, ...fields }).map((fault) => fault.replace(/^\S+/, at));
}
