/**
 * What the contract says in words, beside what the code's own tables tell: the only place of the AsyncAPI document
 * where anything is written by hand.
 */

import type { Status, Undecoded } from '../../schemas/src/index.ts';
import type { MalformedReason } from '../../services/callback-ingest/src/decode.ts';
import type { RefusedReason } from '../../services/callback-ingest/src/http/answers.ts';

export const ABOUT = `
Other domains publish *send requests*; this system hands them to Verihubs within its rate limit, the most urgent first, and everything that happens to a message, before and after the call, is a *status event*.

The document is written from the side of this system: **what it receives is what a domain publishes, what it sends is what a domain subscribes to.**

| you want to | topic |
| --- | --- |
| have a WhatsApp message sent | publish to the lane that fits its urgency: \`whatsapp.send.otp\`, \`whatsapp.send.transactional\`, \`whatsapp.send.marketing\` |
| know what became of it | subscribe to \`whatsapp.status\` |
| see what was no send request | subscribe to \`whatsapp.send.dlq\` |
| hold back or call back | write to \`whatsapp.control\`, or use \`npm run lanes\` and \`npm run cancel\` |

**Values.** Lanes and status: Confluent wire format, that is a zero byte, the schema's id in four bytes (big-endian), the Avro body. The subject is the topic's name and \`-value\` (TopicNameStrategy). Times are milliseconds since 1970, UTC.

**Schemas grow, and never break.** Subjects are at \`FULL_TRANSITIVE\`: a reader of any version reads what a writer of any other version wrote. A field comes with a default; a symbol that a reader does not know is read as the default of its enum. Read with your own version of the schema, look its id up by its text, and never use \`latest\`.

**Keys and partitions.** Everything about one message has its \`message_id\` as key. Writers use murmur2 of the key, as Java's default partitioner does (\`partitioner=murmur2_random\` in librdkafka), and acks all. No client creates a topic by touching it.

**Names** of topics are those of the defaults; a deployment may set others (\`SEND_TOPICS\`, \`STATUS_TOPIC\`, \`DLQ_TOPIC\`, \`CONTROL_TOPIC\`), and more lanes.
`.trim();

export const SERVERS = {
  kafka:
    'The cluster and its schema registry, as `KAFKA_BROKERS` and `SCHEMA_REGISTRY_URL` name them. TLS and SASL (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512) where the cluster asks for them.',
  verihubs:
    'Verihubs takes 50 requests a second for the whole client account, over all its services, and more only by arrangement. It knows no idempotency key, and charges for each message that it takes.',
  callbacks:
    'callback-ingest, as Verihubs reaches it (`CALLBACK_BASE_URL`). It listens on `CALLBACK_PORT`, 8080 unless told.',
} as const;

export const LANE = `
Records of one lane are sent in about the order in which they were appended, \`source\`s in turns; a more urgent lane goes first, and each lane keeps a share of the rate, so that none starves. A record is sent once, however often its \`message_id\` is published within the dedupe window (an hour unless told); the first one counts.

What cannot be read as a send request goes to the dead letters. What can be read and is not valid ends \`REFUSED\`, with every fault in \`reason\`.

This system itself appends redrives to a lane: the original bytes and key, with \`redrive_of\` in the headers.
`.trim();

/** By the last segment of the topic. */
export const LANES: Readonly<Record<string, string>> = {
  otp: 'What is worthless in a minute: one-time passwords. In doubt it is sent again, while it has not expired.',
  transactional: 'What a person waits for: order updates. In doubt it is held.',
  marketing: 'Campaigns. In doubt it is held.',
};

export const SEND_REQUEST = `
Please send this. The sender checks \`expires_at\` on arrival, before each attempt, and before the first byte of a call leaves: at or after it nothing is sent.

\`message_id\` is yours and unique: 1 to 128 characters of \`A-Z a-z 0-9 . _ : -\`. Exactly one kind of content is set; today \`template\` is the only one, and others will join as further fields that may be null. \`on_doubt\` goes before what the lane does when nobody can know whether Verihubs took the message.
`.trim();

export const STATUS_CHANNEL = `
Everything that happens to a message, from the sender and from Verihubs' callbacks. Subscribers read it, analytics replays it, and the sender remembers by it.

Events come **at least once and out of order**. \`event_id\` is the same for the same fact, so dedupe by it. The state of a message is a fold over its events that gives the same for every order: \`READ\`, then \`DELIVERED\`, beat everything; else the higher \`attempt\` wins; within one attempt \`ATTEMPTED\` < \`UNKNOWN\` < \`IN_DOUBT\` < \`ACCEPTED\` < \`REQUESTED\` < \`SENT\` < the failures told by callbacks (the higher code) < \`RETRYING\` < \`GAVE_UP\` < \`CANCELLED\` < \`EXPIRED\` < \`REFUSED\`.

The key is the \`message_id\`; it is the \`session_id\` where only that is known, which is after an unsigned callback.
`.trim();

export const STATUS_EVENT = `
One thing that happened. The sender *settles* a message once; its journey is open until an event *closes* it. No phone number is in any event: \`recipient\` is a keyed hash, where a key is configured.

\`event_id\`: base64url of the first 16 bytes of SHA-256 over lines, a null being an empty one. For the sender's: \`S\`, message_id, attempt_id, status. For a callback's: \`C\`, message_id, attempt_id, session_id, code.
`.trim();

export const STATUSES_IN_WORDS: Readonly<Record<Status, string>> = {
  ATTEMPTED: 'a call to Verihubs is about to be made: written, and acknowledged by Kafka, before it',
  ACCEPTED: 'Verihubs took it: it answered 201, or a callback proves it',
  RETRYING: 'surely not taken, will be tried again at `retry_at`',
  IN_DOUBT: 'nobody can know whether it was taken, and it is not tried again; a callback may tell more',
  REFUSED: 'not sent: the request is invalid, or Verihubs refused it (400, 409)',
  EXPIRED: 'not sent: `expires_at` had come',
  CANCELLED: 'not sent: an operator called it back',
  GAVE_UP: 'not sent: tried as often as allowed, surely never taken',
  REQUESTED: 'Verihubs has it',
  SENT: 'on its way',
  DELIVERED: 'it arrived; `READ` may follow',
  READ: 'it was read',
  FAILED: 'it will not arrive',
  REQUEST_ERROR: 'it will not arrive: the request was wrong',
  REJECTED: 'it will not arrive, unless a `RETRYING` follows: too fast for Verihubs',
  BLOCKED: 'it will not arrive: the recipient is blocked',
  TIER_LIMIT_EXCEEDED: "it will not arrive: the account's tier is used up",
  INVALID_DATA: 'it will not arrive: the data is invalid',
  UNKNOWN: 'a callback with a number that has no name here, or an event of a newer version',
};

export const DEAD_LETTERS = `
Records of the lanes that are no send requests, their key and bytes untouched, and in the headers where they stood and why they are here. \`npm run redrive\` publishes them again when the reason is gone.
`.trim();

export const DEAD_LETTER =
  'The bytes as they came, whatever they are; none where the record had no value, or its size does not fit here (then `dlq_reason_text` says so). Headers of the record stay beside those of the dead letter.';

export const DEAD_LETTER_REASONS: Readonly<Record<Undecoded['code'] | 'NEWER_SCHEMA', string>> = {
  EMPTY: 'the record has no value',
  NOT_CONFLUENT: 'the value is not in the Confluent wire format',
  UNKNOWN_SCHEMA: 'the registry has no schema with this id',
  INCOMPATIBLE_SCHEMA: 'the schema that it was written with cannot be read as a send request',
  UNDECODABLE: 'the bytes are not what their schema describes',
  NEWER_SCHEMA: 'written by a newer version, with content that this one does not know',
};

export const CONTROL = `
The operators' word to all senders: brakes and cancellations. The newest value of a key holds, a record without value takes it back. Every sender follows the topic from its beginning, so what is said holds at once, for all replicas, and after a restart.

A value with a field that is not listed, or of another version \`v\`, is passed over whole: to leave a part of it out could mean more than was meant. Other programs may write here too; no phone number belongs in it.
`.trim();

export const CONTROL_MESSAGES = {
  brake:
    'A lane, or all of them (`*`), is held back, or let go. What waits keeps its place. A lane goes on when neither its own brake nor that of all lanes holds it.',
  cancellation:
    'What is queued and equals all fields of `match` ends `CANCELLED` when its turn comes, without a call and without a charge.',
} as const;

/** Of each header, by its name. */
export const HEADERS = {
  traceparent: 'W3C trace context of the request; passed on to its status events.',
  tracestate: 'As `traceparent`; from the sender alone.',
  baggage: 'As `traceparent`; from the sender alone.',
  redrive_of:
    'The `event_id` of the closing event that a redrive answers. Of one pair with a `message_id` at most one is sent.',
  redrive_attempts: 'Attempts that were made before: counting goes on from there.',
  redrive_not_before: 'Not to be sent before this moment, in ms since 1970.',
  ce_specversion: 'CloudEvents: `1.0`.',
  ce_id: 'CloudEvents: the `event_id`.',
  ce_type: 'CloudEvents: always the same.',
  ce_source: 'CloudEvents: the service that learned it.',
  ce_time: 'CloudEvents: `occurred_at` as RFC 3339.',
  send_topic: "Where the request stands that the sender's event speaks of.",
  send_partition: 'As `send_topic`.',
  send_offset: 'As `send_topic`.',
  dlq_topic: 'Where the record stood.',
  dlq_partition: 'As `dlq_topic`.',
  dlq_offset: 'As `dlq_topic`.',
  dlq_timestamp: "The record's time, in ms since 1970.",
  dlq_reason: 'Why it is here, for machines.',
  dlq_reason_text: 'Why it is here, for people. Holds nothing of the record.',
} as const;

export const VERIHUBS = 'Verihubs\' "Send WhatsApp Message V2", which the sender calls.';

export const SEND_MESSAGE =
  'One template message. Parts of `content` that are not used are left out. An attempt is written to `whatsapp.status` before each call.';

/** What the sender makes of Verihubs' answers, by HTTP status. */
export const VERIHUBS_ANSWERS: Readonly<Record<number, string>> = {
  201: 'Taken: `ACCEPTED`. Without a `session_id` that can be read it is in doubt.',
  400: 'Validation error. About the message: `REFUSED`.',
  401: 'Authorization failed. About the account: sending stops, probes, and goes on; no message is refused for it.',
  403: 'Quota insufficient. As 401; so is any other 4xx, of a wrong base URL for instance.',
  409: 'The number has been blocked. About the message: `REFUSED`.',
  429: 'Too many requests in the allowed time frame: `RETRYING`, and all sending slows down.',
  500: 'Nobody can know whether the message was taken: it is in doubt. So is a time-out, or a connection that breaks off.',
};

export const CALLBACKS = `
Where Verihubs tells what became of a message. The URL is made for one call: its token holds the key's id, the message's id, the attempt and the time, and is signed (HMAC-SHA-256). It proves what the callback speaks of, and is never logged.

Verihubs documents neither the method nor whether anything is signed, repeated or in order. So GET and POST are taken, and \`session_id\` and \`status\` are read from the query, else from a form or JSON body; numbers or their text.
`.trim();

export const UNSIGNED_CALLBACKS =
  'The same without a token, only where `CALLBACK_UNSIGNED=accept` (unless told: 401). Nothing proves such a callback: its event has `verified` false, no `message_id`, and the `session_id` as key.';

export const CALLBACK = {
  session_id: "Verihubs' id of the message; up to 200 characters.",
  status: "Verihubs' number of the status. One that has no name here is kept as `UNKNOWN`, with its number.",
  recorded: 'The event is safe: Kafka has acknowledged it, or it is synced to disk.',
} as const;

/** Why a callback is answered otherwise than 200. */
export const REFUSALS: Readonly<Record<RefusedReason, string>> = {
  ADDRESS_NOT_ALLOWED: 'the address is not among `CALLBACK_ALLOWED_ADDRESSES`',
  OVERLOADED: 'too much to do at the moment',
  NOT_FOUND: 'no such path',
  METHOD_NOT_ALLOWED: 'neither GET nor POST',
  BODY_TOO_LARGE: 'the body is too large',
  HEADERS_TOO_LARGE: 'request line and headers are too large',
  TOO_SLOW: 'the request took too long to arrive',
  BAD_REQUEST: 'not a request that can be read',
};

export const MALFORMED: Readonly<Record<MalformedReason, string>> = {
  BODY_UNREADABLE: 'the body is not what it says it is',
  BODY_TYPE_UNSUPPORTED: 'the body is neither a form nor JSON',
  SESSION_ID_MISSING: 'no `session_id`',
  SESSION_ID_INVALID: 'a `session_id` that is none',
  STATUS_MISSING: 'no `status`',
  STATUS_INVALID: 'a `status` that is no number',
};

export const OTHER_ANSWERS = {
  unauthorized: 'no valid token',
  unavailable: 'neither Kafka nor the disk can keep it; come again after `Retry-After`',
  failed: 'a fault of ours',
} as const;
