import { answerTo, type RequestOutcome } from '../../services/callback-ingest/src/http/answers.ts';
import { SERVER_LIMITS } from '../../services/callback-ingest/src/http/limits.ts';
import * as examples from './examples.ts';
import { asJson, type JsonObject, objectSchema, parseJson, ref } from './json.ts';
import * as words from './words.ts';

const HTTP_BINDING = '0.3.0';
const TEXT = { type: 'string' };
const TEXTS = { type: 'array', items: TEXT };

function answered(statusCode: number): JsonObject {
  return { http: { statusCode, bindingVersion: HTTP_BINDING } };
}

const sendMessage: JsonObject = {
  name: 'SendMessage',
  title: 'Send WhatsApp Message V2',
  description: words.SEND_MESSAGE,
  contentType: 'application/json',
  headers: objectSchema(
    Object.fromEntries(Object.keys(examples.verihubsCall.headers).map((name) => [name, TEXT])),
  ),
  payload: objectSchema({
    msisdn: TEXT,
    template_name: TEXT,
    lang_code: TEXT,
    content: objectSchema(
      { header_params: TEXTS, body_params: TEXTS, button_param: objectSchema({ url_param: TEXT }) },
      [],
    ),
    callback_url: { type: 'string', format: 'uri', description: 'Made for this one call.' },
  }),
  examples: [
    {
      name: 'otp',
      summary: 'A one-time password',
      headers: asJson(examples.verihubsCall.headers),
      payload: parseJson(examples.verihubsCall.body),
    },
  ],
};

function verihubsAnswer([status, description]: readonly [string, string]): readonly [string, JsonObject] {
  const taken = status === '201';
  return [
    taken ? 'taken' : `verihubs${status}`,
    {
      name: taken ? 'Taken' : `Verihubs${status}`,
      title: `Verihubs answers ${status}`,
      description,
      contentType: 'application/json',
      payload: taken
        ? objectSchema({ message: TEXT, session_id: TEXT })
        : objectSchema({ message: TEXT }, []),
      bindings: answered(Number(status)),
      ...(taken ? { examples: [{ name: 'taken', payload: asJson(examples.verihubsTaken) }] } : {}),
    },
  ];
}

const VERIHUBS_ANSWERS = Object.fromEntries(Object.entries(words.VERIHUBS_ANSWERS).map(verihubsAnswer));

const callbackFields = objectSchema({
  session_id: { type: 'string', description: words.CALLBACK.session_id },
  status: { type: ['integer', 'string'], description: words.CALLBACK.status },
});

const callback: JsonObject = {
  name: 'Callback',
  title: 'Callback',
  summary: 'Verihubs tells what became of a message.',
  contentType: 'application/json',
  payload: callbackFields,
  examples: [{ name: 'delivered', payload: asJson(examples.callbackFields) }],
};

/** Every outcome of a callback that is not 200, with the reason in words. */
const REFUSALS: readonly (readonly [RequestOutcome, string])[] = [
  ...keysOf(words.MALFORMED).map(
    (reason) => [{ kind: 'malformed', reason }, words.MALFORMED[reason]] as const,
  ),
  [{ kind: 'unauthorized', reason: 'MISSING_TOKEN' }, words.OTHER_ANSWERS.unauthorized],
  ...keysOf(words.REFUSALS).map((reason) => [{ kind: 'refused', reason }, words.REFUSALS[reason]] as const),
  [{ kind: 'failed' }, words.OTHER_ANSWERS.failed],
];

function keysOf<K extends string>(table: Readonly<Record<K, string>>): readonly K[] {
  return Object.keys(table).filter((key): key is K => key in table);
}

const UNAVAILABLE = answerTo({ kind: 'unavailable', reason: 'SPOOL_FULL' });

function callbackAnswers(): JsonObject {
  const all = [
    ...REFUSALS.map(([outcome, why]) => ({ ...answerTo(outcome), why })),
    { ...UNAVAILABLE, why: words.OTHER_ANSWERS.unavailable },
  ];
  const byStatus = Map.groupBy(all, ({ status }) => status);
  const problems = [...byStatus]
    .toSorted(([a], [b]) => a - b)
    .map(([status, of]) => [`answer${status}`, problem(status, of)]);
  return { recorded, ...Object.fromEntries(problems) };
}

function problem(status: number, of: readonly { readonly body: string; readonly why: string }[]): JsonObject {
  return {
    name: `Answer${status}`,
    title: `callback-ingest answers ${status}`,
    description: of.length === 1 ? sentence(of[0]?.why ?? '') : of.map(({ why }) => `- ${why}`).join('\n'),
    contentType: 'application/problem+json',
    payload: objectSchema(
      {
        type: { const: 'about:blank' },
        title: TEXT,
        status: { const: status },
        reason: { type: 'string', description: 'For machines, where there is more than one.' },
      },
      ['type', 'title', 'status'],
    ),
    bindings: answered(status),
    examples: of.map(({ body, why }) => ({
      name: `answer${status}`,
      summary: sentence(why),
      payload: parseJson(body),
    })),
  };
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

const ACCEPTED = answerTo({ kind: 'accepted', status: 'DELIVERED', keeper: 'kafka' });
const recorded: JsonObject = {
  name: 'Recorded',
  title: 'callback-ingest answers 200',
  description: words.CALLBACK.recorded,
  contentType: 'application/json',
  payload: objectSchema({ status: { const: 'recorded' } }),
  bindings: answered(ACCEPTED.status),
  examples: [{ name: 'recorded', payload: parseJson(ACCEPTED.body) }],
};

const CALLBACK_ANSWERS = callbackAnswers();

/** The messages of both HTTP faces, by their names in the document. */
export const HTTP_MESSAGES: JsonObject = { sendMessage, ...VERIHUBS_ANSWERS, callback, ...CALLBACK_ANSWERS };

function channel(
  server: string,
  address: string,
  title: string,
  names: readonly string[],
  description: string,
): JsonObject {
  return {
    address,
    title,
    description,
    servers: [ref('servers', server)],
    messages: Object.fromEntries(names.map((name) => [name, ref('components', 'messages', name)])),
  };
}

const VERIHUBS_MESSAGES = ['sendMessage', ...Object.keys(VERIHUBS_ANSWERS)];
const CALLBACK_MESSAGES = ['callback', ...Object.keys(CALLBACK_ANSWERS)];
const { bodyBytes, headerBytes, requestTimeoutMs } = SERVER_LIMITS;
const LIMITS = `A body has ${bodyBytes / 1024} KiB at most, request line and headers together ${headerBytes / 1024} KiB, and ${requestTimeoutMs / 1_000} s to arrive.`;

/** Verihubs' address, and ours for its callbacks. */
export function httpChannels(): JsonObject {
  const { path } = examples.verihubsCall;
  const signed = channel(
    'callbacks',
    '/callbacks/{token}',
    'Callbacks',
    CALLBACK_MESSAGES,
    `${words.CALLBACKS}\n\n${LIMITS}`,
  );
  return {
    verihubs: channel('verihubs', path, 'Verihubs', VERIHUBS_MESSAGES, words.VERIHUBS),
    callbacks: {
      ...signed,
      parameters: {
        token: { description: 'Made by the sender for one call.', examples: [examples.callbackToken] },
      },
    },
    unsignedCallbacks: channel(
      'callbacks',
      '/callbacks',
      'Unsigned callbacks',
      CALLBACK_MESSAGES,
      words.UNSIGNED_CALLBACKS,
    ),
  };
}

function exchange(
  action: 'send' | 'receive',
  channelName: string,
  method: 'GET' | 'POST',
  summary: string,
  names: readonly string[],
): JsonObject {
  const inChannel = (name: string) => ref('channels', channelName, 'messages', name);
  const [request, ...answers] = names;
  const query = action === 'receive' ? { query: callbackFields } : {};
  return {
    action,
    channel: ref('channels', channelName),
    summary,
    bindings: { http: { method, ...query, bindingVersion: HTTP_BINDING } },
    messages: [inChannel(request ?? '')],
    reply: { channel: ref('channels', channelName), messages: answers.map(inChannel) },
  };
}

/** Every call of either side. */
export function httpOperations(): JsonObject {
  const received = (channelName: string, what: string) =>
    (['GET', 'POST'] as const).map((method) => [
      `receive${what}By${method === 'GET' ? 'Get' : 'Post'}`,
      exchange(
        'receive',
        channelName,
        method,
        `Verihubs calls back by ${method}${method === 'GET' ? ': the fields are in the query' : ': the fields are in the query, a form or JSON'}.`,
        CALLBACK_MESSAGES,
      ),
    ]);
  return {
    sendToVerihubs: exchange(
      'send',
      'verihubs',
      'POST',
      'The sender hands a message to Verihubs.',
      VERIHUBS_MESSAGES,
    ),
    ...Object.fromEntries([
      ...received('callbacks', 'Callback'),
      ...received('unsignedCallbacks', 'UnsignedCallback'),
    ]),
  };
}
