import { faultyField } from './encode-fault.ts';
import { createReader, type Reader, typeOf } from './reader.ts';
import type { SchemaRegistry } from './registry.ts';
import { SchemaNotFoundError } from './registry-errors.ts';
import { SCHEMA_TEXTS } from './schema-texts.ts';
import type { EventName } from './topics.ts';
import type { SendRequest, StatusEvent } from './types.generated.ts';

/** The TypeScript type of each event. */
export interface Events {
  readonly SendRequest: SendRequest;
  readonly StatusEvent: StatusEvent;
}

export interface Encoder<T> {
  /** The registry's id of our schema, that all values are written with. */
  readonly schemaId: number;
  /**
   * @returns the value in the Confluent wire format, in a buffer of its own
   * @throws TypeError that names the field that does not fit the schema, without what is in it
   */
  encode(value: T): Buffer;
}

export interface Decoder<T> {
  /**
   * Decodes what any version of the schema was written with, as our version of it. Synchronous once the writer's
   * schema is known; calls that wait for the same schema share one question to the registry.
   *
   * @returns the value, or why there is none. The promise rejects with a RegistryUnavailableError alone: then
   * nothing is known of the record, and it is to be decoded again.
   */
  decode(bytes: Buffer | null): Decoded<T> | Promise<Decoded<T>>;
}

/** `unknownFields`: the writer's schema has fields that ours lacks, so the value may not be all that was meant. */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T; readonly schemaId: number; readonly unknownFields: boolean }
  | Undecoded;

/** Why there is no value. `text` is for people and contains nothing of the record but its schema id. */
export interface Undecoded {
  readonly ok: false;
  readonly code: 'EMPTY' | 'NOT_CONFLUENT' | 'UNKNOWN_SCHEMA' | 'INCOMPATIBLE_SCHEMA' | 'UNDECODABLE';
  readonly text: string;
}

/** Confluent's wire format: a zero byte, the schema id in four bytes big-endian, the Avro body. */
const MAGIC_BYTE = 0;
const HEADER_BYTES = 5;
const SCRATCH_BYTES = 16 * 1024;
const MAX_EXPLANATION_CHARACTERS = 300;

/**
 * Looks up the id of our schema of an event under a subject, once.
 *
 * @throws SchemaNotFoundError when it is not registered, RegistryUnavailableError when that cannot be known
 */
export async function createEncoder<E extends EventName>(
  registry: Pick<SchemaRegistry, 'idOf'>,
  event: E,
  subject: string,
): Promise<Encoder<Events[E]>> {
  const schemaId = await registry.idOf(subject, SCHEMA_TEXTS[event]);
  const type = typeOf(SCHEMA_TEXTS[event]);
  let scratch = Buffer.alloc(SCRATCH_BYTES);

  /** @returns where the body ends in `scratch`, or how much is missing as a negative number */
  function write(value: Events[E]): number {
    try {
      return type.encode(value, scratch, HEADER_BYTES);
    } catch {
      // avsc's own message quotes the value.
      throw new TypeError(`${faultyField(type, value)} does not fit the Avro schema`);
    }
  }

  return {
    schemaId,
    encode(value) {
      let end = write(value);
      if (end < 0) {
        scratch = Buffer.alloc(scratch.length - end);
        end = write(value);
      }
      scratch[0] = MAGIC_BYTE;
      scratch.writeUInt32BE(schemaId, 1);
      return Buffer.from(scratch.subarray(0, end));
    },
  };
}

/** Does not ask the registry yet: the first record of each writer's schema does. */
export function createDecoder<E extends EventName>(
  registry: Pick<SchemaRegistry, 'schemaById'>,
  event: E,
): Decoder<Events[E]> {
  const ours = typeOf(SCHEMA_TEXTS[event]);
  const readers = new Map<number, Reader | Undecoded>();
  const asked = new Map<number, Promise<Reader | Undecoded>>();

  /** What an id means never changes, so it is kept; that an id is missing can change, so it is not. */
  async function learn(schemaId: number): Promise<Reader | Undecoded> {
    try {
      const reader = readerFor(ours, event, schemaId, await registry.schemaById(schemaId));
      readers.set(schemaId, reader);
      return reader;
    } catch (error) {
      if (error instanceof SchemaNotFoundError)
        return { ok: false, code: 'UNKNOWN_SCHEMA', text: error.message };
      throw error;
    }
  }

  function learnOnce(schemaId: number): Promise<Reader | Undecoded> {
    const underWay = asked.get(schemaId);
    if (underWay !== undefined) return underWay;
    const answer = learn(schemaId).finally(() => asked.delete(schemaId));
    asked.set(schemaId, answer);
    return answer;
  }

  return {
    decode(bytes) {
      if (bytes === null || bytes.length === 0)
        return { ok: false, code: 'EMPTY', text: 'The record has no value' };
      if (bytes.length < HEADER_BYTES || bytes[0] !== MAGIC_BYTE) return NOT_CONFLUENT;
      const schemaId = bytes.readUInt32BE(1);
      const reader = readers.get(schemaId);
      if (reader !== undefined) return decodeWith(reader, schemaId, bytes);
      return learnOnce(schemaId).then((learned) => decodeWith(learned, schemaId, bytes));
    },
  };
}

const NOT_CONFLUENT: Undecoded = {
  ok: false,
  code: 'NOT_CONFLUENT',
  text: 'The value is not in the Confluent wire format: a zero byte, four bytes of schema id, an Avro body',
};

function readerFor(
  ours: ReturnType<typeof typeOf>,
  event: EventName,
  schemaId: number,
  text: string,
): Reader | Undecoded {
  try {
    return createReader(ours, text);
  } catch (error) {
    // It speaks of schemas, not of records.
    const why = (error instanceof Error ? error.message : String(error)).slice(0, MAX_EXPLANATION_CHARACTERS);
    return {
      ok: false,
      code: 'INCOMPATIBLE_SCHEMA',
      text: `Schema ${schemaId} cannot be read as ${event}: ${why}`,
    };
  }
}

function decodeWith<T>(reader: Reader | Undecoded, schemaId: number, bytes: Buffer): Decoded<T> {
  if ('code' in reader) return reader;
  const value = reader.read(bytes, HEADER_BYTES);
  if (value === undefined) {
    return { ok: false, code: 'UNDECODABLE', text: `The value is not what its schema ${schemaId} describes` };
  }
  // The types are generated from the very schema that the reader gives values of.
  return { ok: true, value: value as T, schemaId, unknownFields: reader.unknownFields };
}
