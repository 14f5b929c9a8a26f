import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateTypes, type RecordSchema } from './generate-types.ts';
import { SCHEMA_TEXTS } from './schema-texts.ts';
import { newSendRequest, newStatusEvent } from './types.generated.ts';

test('a record becomes an interface, what must be given of it, and a function for the rest', () => {
  const schema: RecordSchema = {
    type: 'record',
    name: 'Parcel',
    doc: 'Something sent.',
    fields: [
      { name: 'id', type: 'string', doc: 'Its number.' },
      { name: 'sent_at', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When.' },
      {
        name: 'state',
        type: { type: 'enum', name: 'ParcelState', symbols: ['HERE', 'THERE'] },
        default: 'HERE',
      },
      { name: 'labels', type: ['null', { type: 'array', items: 'string' }], default: null },
    ],
  };
  assert.equal(
    generateTypes([schema]),
    `// Generated from schemas/avro/*.avsc by \`npm run generate\`. Do not edit.

/** The symbols of \`ParcelState\`, in the order of the schema. */
export const PARCEL_STATE_SYMBOLS = [
  'HERE',
  'THERE',
] as const;

export type ParcelState = (typeof PARCEL_STATE_SYMBOLS)[number];

/** Something sent. */
export interface Parcel {
  /** Its number. */
  readonly id: string;
  /** When. In ms since 1970. */
  readonly sent_at: number;
  readonly state: ParcelState;
  readonly labels: readonly string[] | null;
}

/** What must be given of a \`Parcel\`, and what may be. */
export type NewParcel = Pick<Parcel, 'id' | 'sent_at'> & Partial<Parcel>;

/** @returns a \`Parcel\` with the schema's defaults for what is not given */
export function newParcel(fields: NewParcel): Parcel {
  return {
    state: "HERE",
    labels: null,
    ...fields,
  };
}
`,
  );
});

test('what has no TypeScript type is an error that names it', () => {
  const withField = (type: RecordSchema['fields'][number]['type']): RecordSchema => ({
    type: 'record',
    name: 'Odd',
    fields: [{ name: 'field', type }],
  });
  assert.throws(() => generateTypes([withField('bytes')]), /no TypeScript type for bytes/);
  assert.throws(
    () => generateTypes([withField(['null', 'string', 'int'])]),
    /only unions of null and one type/,
  );
});

test('the new functions fill in the defaults of the schemas', () => {
  const given = {
    SendRequest: newSendRequest({ message_id: 'm', msisdn: '628001', requested_at: 1 }),
    StatusEvent: newStatusEvent({ event_id: 'e', status: 'SENT', origin: 'CALLBACK', occurred_at: 1 }),
  };
  for (const [event, value] of Object.entries(given)) {
    const schema: RecordSchema = JSON.parse(
      event === 'SendRequest' ? SCHEMA_TEXTS.SendRequest : SCHEMA_TEXTS.StatusEvent,
    );
    assert.deepEqual(new Set(Object.keys(value)), new Set(schema.fields.map((field) => field.name)));
    for (const field of schema.fields) {
      if (field.default !== undefined)
        assert.deepEqual(Reflect.get(value, field.name), field.default, field.name);
    }
  }
});
