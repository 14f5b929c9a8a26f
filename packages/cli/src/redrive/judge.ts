import type { Headers, KafkaRecord, NewRecord, RecordPosition } from '@whatsapp-stream/kafka';
import {
  type Decoded,
  laneOf,
  REDRIVE_NOT_BEFORE_HEADER,
  redriveHeaders,
  type SendRequest,
} from '@whatsapp-stream/schemas';
import { headersBefore } from './dead-letter.ts';
import type { Choice } from './options.ts';
import type { LeftOut } from './tally.ts';

/** A request that is to be published again, as far as can be said without looking at it. */
export interface Target {
  /** Where its bytes stand. */
  readonly place: RecordPosition;
  /** The lane's topic that it goes to. */
  readonly topic: string;
  /** What its redrive answers. */
  readonly of: string;
  /** Made before. */
  readonly attempts: number;
  /** null where it cannot be known: the bytes cannot be read. */
  readonly messageId: string | null;
}

export type Verdict =
  | { readonly kind: 'redrive'; readonly record: NewRecord }
  | { readonly kind: 'leave-out'; readonly why: LeftOut }
  /** It was not asked for. */
  | { readonly kind: 'not-meant' };

export interface Rules {
  readonly choice: Choice;
  /** Publish also what a sender cannot read, as far as we can tell. */
  readonly undecodable: boolean;
}

/** Whether the command line means this request. */
export function isMeant(choice: Choice, request: SendRequest, topic: string): boolean {
  return (
    fits(choice.lane, laneOf(topic)) &&
    fits(choice.source, request.source) &&
    fits(choice.template, request.template?.name ?? null) &&
    fits(choice.messageId, request.message_id)
  );
}

/** The same of what cannot be read: only its lane and its key can be known. */
export function isMeantUnread(choice: Choice, record: Pick<KafkaRecord, 'key'>, topic: string): boolean {
  return (
    choice.source === null &&
    choice.template === null &&
    fits(choice.lane, laneOf(topic)) &&
    fits(choice.messageId, record.key?.toString() ?? null)
  );
}

function fits(wanted: string | null, found: string | null): boolean {
  return wanted === null || wanted === found;
}

/**
 * Looks at a request itself.
 * @param record what stands at the target's place; null where nothing does any more
 * @param decoded its value, by our schema
 * @param now ms since the epoch
 */
export function judge(
  target: Target,
  record: KafkaRecord | null,
  decoded: Decoded<SendRequest> | null,
  rules: Rules,
  now: number,
): Verdict {
  if (record === null || decoded === null) return { kind: 'leave-out', why: 'gone' };
  if (!decoded.ok)
    return rules.undecodable ? redriveOf(target, record) : { kind: 'leave-out', why: 'undecodable' };
  const { value: request, unknownFields } = decoded;
  // Another record can stand there after a topic was made anew.
  if (request.message_id !== target.messageId) return { kind: 'leave-out', why: 'gone' };
  if (!isMeant(rules.choice, request, target.topic)) return { kind: 'not-meant' };
  // Its content is in a field that we do not know: the senders put it aside as NEWER_SCHEMA.
  if (request.template === null && unknownFields && !rules.undecodable)
    return { kind: 'leave-out', why: 'undecodable' };
  if (request.expires_at !== null && now >= request.expires_at) return { kind: 'leave-out', why: 'expired' };
  return redriveOf(target, record);
}

/** The original bytes, key and headers, with those of this redrive in the place of what an earlier one left. */
function redriveOf({ topic, of, attempts }: Target, { key, value, headers }: KafkaRecord): Verdict {
  const { [REDRIVE_NOT_BEFORE_HEADER]: _, ...before }: Headers = headersBefore(headers);
  return {
    kind: 'redrive',
    record: { topic, key, value, headers: { ...before, ...redriveHeaders({ of, attempts }) } },
  };
}
