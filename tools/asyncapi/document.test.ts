/** The AsyncAPI document against the code that it speaks of. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { verifyToken } from '../../packages/callback-token/src/index.ts';
import { validateBody, validateHeaders } from '../../packages/verihubs-simulator/src/validate.ts';
import {
  createDecoder,
  createEncoder,
  DEFAULT_TOPIC_NAMES,
  decodeControl,
  type EventName,
  faultsOf,
  SCHEMA_TEXTS,
  topicSpecs,
} from '../../schemas/src/index.ts';
import { typeOf } from '../../schemas/src/reader.ts';
import { decode } from '../../services/callback-ingest/src/decode.ts';
import { asyncApiDocument, asyncApiText } from './document.ts';
import * as examples from './examples.ts';
import { at, entriesAt, isObject, type Json, listAt, parseJson, textAt } from './json.ts';
import { parseAsyncApi } from './parse.ts';

const document = asyncApiDocument();
const messageOf = (name: string) => at(document, 'components', 'messages', name);
const examplesOf = (name: string) => listAt(messageOf(name), 'examples');
/** What the parser says of every document that is not of the newest minor version, which not all tools know yet. */
const KNOWN = ['asyncapi-latest-version'];

test('the document is valid AsyncAPI, and its payloads are valid Avro', async () => {
  const { document: parsed, diagnostics } = await parseAsyncApi(asyncApiText());
  assert.deepEqual(
    diagnostics.filter(({ code }) => !KNOWN.includes(String(code))),
    [],
  );
  assert.equal(parsed?.version(), '3.0.0');
});

test('a payload that is no Avro, and a reference to nothing, would be noticed', async () => {
  for (const [is, becomes] of [
    ['type: enum\n', 'type: enumeration\n'],
    ['$ref: "#/channels/status"', '$ref: "#/channels/nothing"'],
  ] as const) {
    const text = asyncApiText();
    assert.ok(text.includes(is), is);
    const { diagnostics } = await parseAsyncApi(text.replaceAll(is, becomes));
    assert.ok(
      diagnostics.some(({ severity }) => severity === 0),
      becomes,
    );
  }
});

// The parser does not look at examples of AsyncAPI 3. What follows does, mostly by those who read such messages.
test('every example has the fields that must be given, and none that is not described', () => {
  for (const [name, message] of entriesAt(document, 'components', 'messages')) {
    if (at(message, 'payload', 'properties') !== undefined) {
      const described = fieldsOf(message);
      for (const example of examplesOf(name)) {
        const given = entriesAt(example, 'payload').map(([field]) => field);
        for (const field of given) assert.ok(described.includes(field), `${name}: ${field}`);
        for (const field of listAt(message, 'payload', 'required'))
          assert.ok(given.includes(String(field)), `${name}: ${field}`);
      }
    }
  }
});

for (const [message, event, file] of [
  ['sendRequest', 'SendRequest', 'send-request'],
  ['statusEvent', 'StatusEvent', 'status-event'],
] as const) {
  test(`the payload of ${message} is the schema, and its examples can be written with it`, () => {
    const avsc = readFileSync(new URL(`../../schemas/avro/${file}.avsc`, import.meta.url), 'utf8');
    assert.deepEqual(at(messageOf(message), 'payload', 'schema'), JSON.parse(avsc));
    const type = typeOf(SCHEMA_TEXTS[event]);
    assert.ok(examplesOf(message).length > 0);
    for (const example of examplesOf(message)) {
      const payload = at(example, 'payload');
      assert.deepEqual(JSON.parse(JSON.stringify(type.fromBuffer(type.toBuffer(payload)))), payload);
    }
  });
}

test('the requests among the examples are valid, and come through our codec as they are', async () => {
  const text = SCHEMA_TEXTS['SendRequest' satisfies EventName];
  const encoder = await createEncoder({ idOf: async () => 1 }, 'SendRequest', 'any');
  const { decode: read } = createDecoder({ schemaById: async () => text }, 'SendRequest');
  for (const request of [examples.otpRequest, examples.leastRequest]) {
    assert.deepEqual(faultsOf(request), []);
    const decoded = await read(encoder.encode(request));
    assert.deepEqual(decoded.ok && decoded.value, request);
  }
});

test('every topic is there with its partitions and settings, and nothing else is a topic', () => {
  const channels = entriesAt(document, 'channels').flatMap(([, channel]) => {
    const binding = at(channel, 'bindings', 'kafka');
    return binding === undefined ? [] : [{ address: textAt(channel, 'address'), binding }];
  });
  const specs = topicSpecs(DEFAULT_TOPIC_NAMES);
  assert.deepEqual(
    channels.map(({ address }) => address),
    specs.map(({ topic }) => topic),
  );
  for (const [i, { topic, partitions, config }] of specs.entries()) {
    const binding = channels[i]?.binding;
    assert.deepEqual([at(binding, 'topic'), at(binding, 'partitions')], [topic, partitions]);
    const settings = entriesAt(binding, 'topicConfiguration').map(([name, value]) => [name, String(value)]);
    assert.deepEqual(Object.fromEntries(settings), config);
  }
});

test('the headers that are described are those that the code writes, and no others', () => {
  for (const name of ['sendRequest', 'statusEvent', 'deadLetter']) {
    const written = examplesOf(name).map((example) =>
      entriesAt(example, 'headers').map(([header]) => header),
    );
    const described = entriesAt(messageOf(name), 'headers', 'properties').map(([header]) => header);
    assert.deepEqual([...new Set(written.flat())].toSorted(), described.toSorted(), name);
    for (const required of listAt(messageOf(name), 'headers', 'required'))
      assert.ok(
        written.every((headers) => headers.includes(String(required))),
        `${name}: ${required}`,
      );
  }
});

test('what operators may write is what the senders understand', () => {
  for (const [name, { key, value }] of [
    ['brake', examples.brake],
    ['cancellation', examples.cancellation],
  ] as const) {
    const payload = at(examplesOf(name)[0], 'payload');
    assert.ok(decodeControl(key, Buffer.from(JSON.stringify(payload))).ok, name);
    assert.deepEqual(fieldsOf(messageOf(name)), Object.keys(Object(parseJson(String(value)))).toSorted());
  }
});

function fieldsOf(message: Json | undefined): readonly string[] {
  return entriesAt(message, 'payload', 'properties')
    .map(([field]) => field)
    .toSorted();
}

test('the call to Verihubs is one that its documentation allows', () => {
  const [example] = examplesOf('sendMessage');
  const headers = entriesAt(example, 'headers').map(([name, value]) => [name.toLowerCase(), String(value)]);
  assert.equal(validateHeaders(Object.fromEntries(headers)), null);
  assert.ok(validateBody(Buffer.from(JSON.stringify(at(example, 'payload')))).ok);
  assert.deepEqual(
    fieldsOf(messageOf('sendMessage')),
    Object.keys(Object(at(example, 'payload'))).toSorted(),
  );
});

test('the callback of the example is one, and its token names the message', () => {
  const body = JSON.stringify(at(examplesOf('callback')[0], 'payload'));
  assert.ok(decode({ query: '', contentType: 'application/json', body }).ok);
  const key = { id: 'k1', secret: 'only-for-this-document' };
  const [token] = listAt(document, 'channels', 'callbacks', 'parameters', 'token', 'examples');
  const verified = verifyToken([key], String(token));
  assert.equal(verified.ok && verified.claims.messageId, examples.otpRequest.message_id);
});

test('each answer has the status that its body tells', () => {
  const answers = entriesAt(document, 'components', 'messages').filter(([name]) => name.startsWith('answer'));
  assert.ok(answers.length > 8);
  for (const [name, answer] of answers) {
    const status = at(answer, 'bindings', 'http', 'statusCode');
    assert.equal(name, `answer${status}`);
    for (const example of listAt(answer, 'examples')) assert.equal(at(example, 'payload', 'status'), status);
  }
});

test('nothing refers to what is not there', () => {
  const references = JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g);
  for (const [, path] of references) assert.ok(isObject(at(document, ...(path ?? '').split('/'))), path);
});
