import { SCHEMA_TEXTS, STATUS_EVENT_TYPE, STATUS_SYMBOLS, STATUSES } from '../../schemas/src/index.ts';
import * as examples from './examples.ts';
import { asJson, type Json, type JsonObject, objectSchema, parseJson } from './json.ts';
import * as words from './words.ts';

const AVRO = 'application/vnd.apache.avro;version=1.9.0';
const KAFKA_BINDING = '0.5.0';

type HeaderName = keyof typeof words.HEADERS;

/** @param required the others may be missing */
function headersSchema(required: readonly HeaderName[], optional: readonly HeaderName[]): JsonObject {
  const all = [...required, ...optional];
  const properties = all.map((name) => [name, { type: 'string', description: words.HEADERS[name] }] as const);
  return objectSchema(Object.fromEntries(properties), required.map(String));
}

/** How a value of ours names its schema. */
const CONFLUENT = {
  schemaIdLocation: 'payload',
  schemaIdPayloadEncoding: 'confluent',
  schemaLookupStrategy: 'TopicNameStrategy',
};

function keyed(description: string, confluent: JsonObject): JsonObject {
  // The key is text, not Avro; a reader of this document that takes it for Avro reads the same.
  return { kafka: { key: { type: 'string', description }, ...confluent, bindingVersion: KAFKA_BINDING } };
}

function example(name: string, summary: string, payload: Json, headers?: object): JsonObject {
  return { name, summary, ...(headers ? { headers: asJson(headers) } : {}), payload };
}

const TRACE_HEADERS: readonly HeaderName[] = ['traceparent', 'tracestate', 'baggage'];

const sendRequest: JsonObject = {
  name: 'SendRequest',
  title: 'Send request',
  summary: 'A domain asks for a WhatsApp message to be sent.',
  description: words.SEND_REQUEST,
  contentType: 'application/vnd.apache.avro',
  headers: headersSchema([], [...TRACE_HEADERS, 'redrive_of', 'redrive_attempts', 'redrive_not_before']),
  payload: { schemaFormat: AVRO, schema: parseJson(SCHEMA_TEXTS.SendRequest) },
  bindings: keyed('The `message_id`, as UTF-8.', CONFLUENT),
  examples: [
    example('otp', 'A one-time password', asJson(examples.otpRequest), examples.requestHeaders),
    example('least', 'No more than must be given; the rest has its defaults', asJson(examples.leastRequest)),
    example(
      'redrive',
      'The same once more, by a redrive',
      asJson(examples.otpRequest),
      examples.redriveRequestHeaders,
    ),
  ],
};

/** Every status with what is always true of it. */
function statusTable(): string {
  const yes = (is: boolean | null) => (is === null ? '' : is ? 'yes' : 'no');
  const rows = STATUS_SYMBOLS.map((status) => {
    const { origin, code, charged, settling, closing } = STATUSES[status];
    const cells = [`\`${status}\``, origin.toLowerCase(), code ?? '', words.STATUSES_IN_WORDS[status]];
    return `| ${[...cells, settling ? 'settles' : '', closing ? 'closes' : '', yes(charged)].join(' | ')} |`;
  });
  const head =
    '| status | from | code | meaning | | journey | charged |\n| --- | --- | --- | --- | --- | --- | --- |';
  return [head, ...rows].join('\n');
}

const statusEvent: JsonObject = {
  name: 'StatusEvent',
  title: 'Status event',
  summary: 'One thing that happened to a message.',
  description: `${words.STATUS_EVENT}\n\n${statusTable()}`,
  contentType: 'application/vnd.apache.avro',
  headers: statusHeaders(),
  payload: { schemaFormat: AVRO, schema: parseJson(SCHEMA_TEXTS.StatusEvent) },
  bindings: keyed(
    'The `message_id`, or the `session_id` when the message is not known; as UTF-8.',
    CONFLUENT,
  ),
  examples: [
    example('accepted', 'Verihubs took it', asJson(examples.accepted), examples.acceptedHeaders),
    example(
      'retrying',
      'A redrive, too fast for Verihubs',
      asJson(examples.retrying),
      examples.retryingHeaders,
    ),
    example(
      'delivered',
      'A callback tells that it arrived',
      asJson(examples.delivered.event),
      examples.delivered.headers,
    ),
    example(
      'unsigned',
      'An unsigned callback',
      asJson(examples.unsignedDelivered.event),
      examples.unsignedDelivered.headers,
    ),
  ],
};

function statusHeaders(): JsonObject {
  const schema = headersSchema(
    ['ce_specversion', 'ce_id', 'ce_type', 'ce_source', 'ce_time'],
    [...TRACE_HEADERS, 'send_topic', 'send_partition', 'send_offset', 'redrive_of'],
  );
  const type = { type: 'string', const: STATUS_EVENT_TYPE, description: words.HEADERS.ce_type };
  return { ...schema, properties: { ...Object(schema['properties']), ce_type: type } };
}

const deadLetter: JsonObject = {
  name: 'DeadLetter',
  title: 'Dead letter',
  summary: 'A record of a lane that is no send request.',
  description: `${words.DEAD_LETTER}\n\n${reasonTable()}`,
  contentType: 'application/octet-stream',
  headers: headersSchema(
    ['dlq_topic', 'dlq_partition', 'dlq_offset', 'dlq_timestamp', 'dlq_reason', 'dlq_reason_text'],
    TRACE_HEADERS,
  ),
  payload: { type: 'string', format: 'binary', description: 'The original bytes.' },
  bindings: keyed('The original key, if there was one.', {}),
  examples: [
    example('json', 'Somebody wrote JSON', String(examples.deadLetter.value), examples.deadLetter.headers),
  ],
};

function reasonTable(): string {
  const rows = Object.entries(words.DEAD_LETTER_REASONS).map(([code, text]) => `| \`${code}\` | ${text} |`);
  return ['| `dlq_reason` | because |\n| --- | --- |', ...rows].join('\n');
}

const NULLABLE_TEXT = { type: ['string', 'null'] };
const SAID = {
  reason: { ...NULLABLE_TEXT, default: null, description: 'For people; shown, and told in status events.' },
  by: { ...NULLABLE_TEXT, default: null, description: 'Who said so.' },
};
const VERSION = { const: 1, description: 'The version of this format.' };

interface ControlRecord {
  readonly key: string;
  readonly value: Buffer | null;
}

function control(
  name: keyof typeof words.CONTROL_MESSAGES,
  title: string,
  key: string,
  record: ControlRecord,
  payload: JsonObject,
): JsonObject {
  return {
    name,
    title,
    description: words.CONTROL_MESSAGES[name],
    contentType: 'application/json',
    payload: { ...payload, additionalProperties: false },
    bindings: keyed(key, {}),
    examples: [example(name, `Under the key \`${record.key}\``, parseJson(String(record.value)))],
  };
}

const brake = control(
  'brake',
  'Brake',
  '`brake:LANE`, or `brake:*` for all lanes.',
  examples.brake,
  objectSchema(
    { v: VERSION, paused: { type: 'boolean', description: 'Whether it is held back.' }, ...SAID },
    ['v', 'paused'],
  ),
);

const cancellation = control(
  'cancellation',
  'Cancellation',
  '`cancel:ID`, an id that the writer chooses.',
  examples.cancellation,
  objectSchema(
    {
      v: VERSION,
      match: {
        ...objectSchema(
          {
            message_id: { type: 'string' },
            source: { type: 'string' },
            template: { type: 'string', description: 'The name of the template.' },
            lane: { type: 'string', description: 'The name of the lane, `otp`.' },
          },
          [],
        ),
        additionalProperties: false,
        minProperties: 1,
        description: 'All that are given must be equal.',
      },
      until: {
        type: ['integer', 'null'],
        default: null,
        description:
          'It holds for what was appended to its lane at or before this moment, in ms since 1970; null: at or before this record.',
      },
      ...SAID,
    },
    ['v', 'match'],
  ),
);

/** The messages of all topics, by their names in the document. */
export const KAFKA_MESSAGES = { sendRequest, statusEvent, deadLetter, brake, cancellation } as const;
