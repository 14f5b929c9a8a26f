import assert from 'node:assert/strict';
import { test } from 'node:test';
import avsc from 'avsc';
import fc from 'fast-check';
import { createDecoder, createEncoder } from './codec.ts';
import { RegistryUnavailableError, SchemaNotFoundError } from './registry-errors.ts';
import { SCHEMA_TEXTS } from './schema-texts.ts';
import { newSendRequest, newStatusEvent, newTemplate, type SendRequest } from './types.generated.ts';

const OUR_ID = 7;
const WRITER_ID = 300;
const encoder = await createEncoder({ idOf: async () => OUR_ID }, 'SendRequest', 'whatsapp.send.otp-value');

const request = newSendRequest({
  message_id: 'm-1',
  msisdn: '6281234567890',
  requested_at: 1_700_000_000_000,
  expires_at: 1_700_000_060_000,
  template: newTemplate({ name: 'otp_login', lang_code: 'id', body_params: ['123456', 'ä€𝄞'] }),
  metadata: { order: '17' },
});

/** A decoder whose registry has our schema and one more; `asked` are the ids that it was asked for. */
function decoderFor(writerText: string = SCHEMA_TEXTS.SendRequest) {
  const asked: number[] = [];
  const texts = new Map([
    [OUR_ID, SCHEMA_TEXTS.SendRequest],
    [WRITER_ID, writerText],
  ]);
  const decoder = createDecoder(
    {
      schemaById: async (id) => {
        asked.push(id);
        const text = texts.get(id);
        if (text === undefined) throw new SchemaNotFoundError(`no schema ${id}`);
        return text;
      },
    },
    'SendRequest',
  );
  return { asked, texts, decode: decoder.decode };
}

/** The SendRequest schema as another version might be. */
function changedSchema(change: (fields: Record<string, unknown>[]) => Record<string, unknown>[]): string {
  const schema = JSON.parse(SCHEMA_TEXTS.SendRequest);
  return JSON.stringify({ ...schema, fields: change(schema.fields) });
}

function wire(schemaId: number, body: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(schemaId, 1);
  return Buffer.concat([header, body]);
}

function written(writerText: string, value: object): Buffer {
  return wire(WRITER_ID, avsc.Type.forSchema(JSON.parse(writerText)).toBuffer(value));
}

test('a value is encoded as Confluent wants it', () => {
  const bytes = encoder.encode(request);
  assert.equal(encoder.schemaId, OUR_ID);
  assert.deepEqual([...bytes.subarray(0, 5)], [0, 0, 0, 0, OUR_ID]);
  assert.deepEqual(
    bytes.subarray(5),
    avsc.Type.forSchema(JSON.parse(SCHEMA_TEXTS.SendRequest)).toBuffer(request),
  );
});

test('what is encoded is decoded as the same plain value', async () => {
  const { decode } = decoderFor();
  const decoded = await decode(encoder.encode(request));
  assert.deepEqual(decoded, { ok: true, value: request, schemaId: OUR_ID, unknownFields: false });
});

test('any request survives encoding and decoding, also one larger than the scratch buffer', async () => {
  const { decode } = decoderFor();
  const strings = fc.array(fc.string({ unit: 'grapheme', maxLength: 50_000 }), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(strings, fc.maxSafeInteger(), async (params, time) => {
      const template = newTemplate({
        name: 't',
        lang_code: 'en',
        body_params: params,
        button_url_param: params[0] ?? null,
      });
      // Half, because avsc refuses the very last of the safe integers; plus 0, because Avro knows no -0.
      const value: SendRequest = { ...request, template, requested_at: Math.trunc(time / 2) + 0 };
      const decoded = await decode(encoder.encode(value));
      assert.deepEqual(decoded.ok && decoded.value, value);
    }),
    { numRuns: 50 },
  );
});

test('buffers that were encoded before are not overwritten', () => {
  const first = encoder.encode(request);
  const copy = Buffer.from(first);
  encoder.encode({ ...request, message_id: 'another' });
  assert.deepEqual(first, copy);
});

test('a value that does not fit names its field, and nothing of what is in it', async () => {
  const wrong = (fields: object) => () => encoder.encode({ ...request, ...fields });
  const secret = '6289999';
  const template = { ...newTemplate({ name: 't', lang_code: 'id' }), body_params: [{ secret }] };
  for (const [fields, field] of [
    [{ msisdn: Number(secret) }, 'SendRequest.msisdn'],
    [{ requested_at: 1.5 }, 'SendRequest.requested_at'],
    [{ requested_at: 2 ** 60 }, 'SendRequest.requested_at'],
    [{ requested_at: new Date(0) }, 'SendRequest.requested_at'],
    [{ expires_at: 'soon' }, 'SendRequest.expires_at'],
    [{ on_doubt: secret }, 'SendRequest.on_doubt'],
    [{ template }, 'SendRequest.template.body_params'],
    [{ metadata: { [secret]: 1 } }, 'SendRequest.metadata'],
  ] as const) {
    assert.throws(wrong(fields), { name: 'TypeError', message: `${field} does not fit the Avro schema` });
  }
});

test('an encoder is not made when our schema is not registered', async () => {
  const idOf = () => Promise.reject(new SchemaNotFoundError('not registered'));
  await assert.rejects(createEncoder({ idOf }, 'StatusEvent', 'whatsapp.status-value'), SchemaNotFoundError);
});

test('the schema of a writer is asked for once, and then decoding is synchronous', async () => {
  const { asked, decode } = decoderFor();
  const bytes = encoder.encode(request);
  const both = [decode(bytes), decode(bytes)];
  assert.ok(both.every((decoded) => decoded instanceof Promise));
  await Promise.all(both);
  assert.ok(!(decode(bytes) instanceof Promise));
  assert.deepEqual(asked, [OUR_ID]);
});

test('no value, and a value in another format, are told apart without the registry', () => {
  const { asked, decode } = decoderFor();
  const code = (bytes: Buffer | null) => {
    const decoded = decode(bytes);
    return !(decoded instanceof Promise) && !decoded.ok && decoded.code;
  };
  assert.equal(code(null), 'EMPTY');
  assert.equal(code(Buffer.alloc(0)), 'EMPTY');
  assert.equal(code(Buffer.from([0, 0, 0, 1])), 'NOT_CONFLUENT');
  assert.equal(code(Buffer.from('{"message_id":1}')), 'NOT_CONFLUENT');
  assert.deepEqual(asked, []);
});

test('a missing schema is asked for again by the next record', async () => {
  const { asked, texts, decode } = decoderFor();
  texts.delete(OUR_ID);
  const bytes = encoder.encode(request);
  const missing = await decode(bytes);
  assert.equal(!missing.ok && missing.code, 'UNKNOWN_SCHEMA');
  texts.set(OUR_ID, SCHEMA_TEXTS.SendRequest);
  assert.ok((await decode(bytes)).ok);
  assert.deepEqual(asked, [OUR_ID, OUR_ID]);
});

test('while the registry is away nothing is decided, and afterwards it goes on', async () => {
  let away = true;
  const schemaById = async () => {
    if (away) throw new RegistryUnavailableError('away');
    return SCHEMA_TEXTS.SendRequest;
  };
  const decoder = createDecoder({ schemaById }, 'SendRequest');
  const bytes = encoder.encode(request);
  const both = [decoder.decode(bytes), decoder.decode(bytes)].map((decoded) => Promise.resolve(decoded));
  for (const decoded of both) await assert.rejects(decoded, RegistryUnavailableError);
  away = false;
  assert.ok((await decoder.decode(bytes)).ok);
});

test('a schema that cannot be read as ours is incompatible, whatever it is', async () => {
  const withoutId = changedSchema((fields) => fields.filter((field) => field['name'] !== 'message_id'));
  for (const text of ['"string"', 'nonsense', '{"type":"object"}', '["null"]', withoutId]) {
    const { decode } = decoderFor(text);
    const decoded = await decode(wire(WRITER_ID, Buffer.from([2])));
    assert.equal(!decoded.ok && decoded.code, 'INCOMPATIBLE_SCHEMA', text);
  }
});

test('fields that an older writer lacks get their defaults', async () => {
  const old = changedSchema((fields) => fields.slice(0, 4));
  const { message_id, msisdn, template, requested_at } = request;
  const decoded = await decoderFor(old).decode(written(old, { message_id, msisdn, template, requested_at }));
  assert.deepEqual(
    decoded.ok && decoded.value,
    newSendRequest({ message_id, msisdn, template, requested_at }),
  );
});

test('fields of a newer writer are skipped and told', async () => {
  const media = { name: 'media', type: ['null', { type: 'array', items: 'string' }], default: null };
  const newer = changedSchema((fields) => [media, ...fields]);
  const decoded = await decoderFor(newer).decode(written(newer, { ...request, media: ['x'] }));
  assert.deepEqual(decoded, { ok: true, value: request, schemaId: WRITER_ID, unknownFields: true });
});

test('a new field inside the template is told, too', async () => {
  const schema = JSON.parse(SCHEMA_TEXTS.SendRequest);
  schema.fields[2].type[1].fields.unshift({ name: 'footer', type: 'string', default: '' });
  const newer = JSON.stringify(schema);
  const decoded = await decoderFor(newer).decode(written(newer, request));
  assert.deepEqual(decoded, { ok: true, value: request, schemaId: WRITER_ID, unknownFields: true });
});

test('symbols of a newer writer are read as the default of our type', async () => {
  const schema = JSON.parse(SCHEMA_TEXTS.StatusEvent);
  schema.fields[3].type.symbols.unshift('TELEPORTED');
  const text = JSON.stringify(schema);
  const event = newStatusEvent({ event_id: 'e', status: 'SENT', origin: 'CALLBACK', occurred_at: 1 });
  const decoder = createDecoder({ schemaById: async () => text }, 'StatusEvent');
  for (const [told, read] of [
    ['TELEPORTED', 'UNKNOWN'],
    ['SENT', 'SENT'],
  ] as const) {
    const decoded = await decoder.decode(written(text, { ...event, status: told }));
    assert.deepEqual(decoded, {
      ok: true,
      value: { ...event, status: read },
      schemaId: WRITER_ID,
      unknownFields: false,
    });
  }
});

test('a record of another namespace is read, as Avro wants it', async () => {
  const other = SCHEMA_TEXTS.SendRequest.replace('"namespace":"whatsapp"', '"namespace":"shop"');
  assert.deepEqual((await decoderFor(other).decode(written(other, request))).ok, true);
});

test('bytes that are missing, added or impossible are undecodable', async () => {
  const { decode } = decoderFor();
  const bytes = encoder.encode(request);
  await decode(bytes);
  const code = async (changed: Buffer) => {
    const decoded = await decode(changed);
    return !decoded.ok && decoded.code;
  };
  for (let length = 5; length < bytes.length; length += 1) {
    assert.equal(await code(bytes.subarray(0, length)), 'UNDECODABLE', `${length} of ${bytes.length} bytes`);
  }
  assert.equal(await code(Buffer.concat([bytes, Buffer.from([0])])), 'UNDECODABLE');
});

test('a time beyond 2^53 is undecodable', async () => {
  const text = changedSchema((fields) =>
    fields.map((field) => (field['name'] === 'requested_at' ? { ...field, type: 'long' } : field)),
  );
  const marked = written(text, { ...request, requested_at: 2 ** 52 });
  const at = marked.indexOf(avsc.Type.forSchema('long').toBuffer(2 ** 52));
  marked[at + 7] = 0x7f;
  const decoded = await decoderFor(text).decode(marked);
  assert.equal(!decoded.ok && decoded.code, 'UNDECODABLE');
});

test('why a record is not decoded tells nothing of what is in it', async () => {
  const { decode } = decoderFor();
  const decoded = await decode(Buffer.concat([encoder.encode(request), Buffer.from('x')]));
  assert.doesNotMatch(JSON.stringify(decoded), /628|123456|otp_login|m-1/);
});
