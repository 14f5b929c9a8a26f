import avsc from 'avsc';
import { createCheck } from './well-formed.ts';

/** Reads values of one writer's schema as values of ours. */
export interface Reader {
  /** Whether the writer's schema has fields, here or in a record inside, that ours lacks. */
  readonly unknownFields: boolean;
  /** @returns the value in the bytes from `start` to their end; undefined when they are not exactly one value */
  read(bytes: Buffer, start: number): unknown;
}

/** @returns avsc's type for a schema's JSON text, by itself: names of other schemas are not known in it */
export function typeOf(schemaText: string): avsc.Type {
  return avsc.Type.forSchema(JSON.parse(schemaText), {});
}

/**
 * Prepares the reading of what was written with one schema as another one, by Avro's rules of schema resolution.
 * avsc would build the resolver anew for every value; this is to be kept for each writer's schema.
 *
 * @throws Error when the writer's text is not an Avro schema or cannot be read as ours
 */
export function createReader(ours: avsc.Type, writerText: string): Reader {
  const writer = typeOf(writerText);
  // Avro compares the names of records without their namespaces.
  const resolver = ours.createResolver(writer, { ignoreNamespaces: true });
  const isWellFormed = createCheck(writer);
  const plain = plainOf(ours);
  return {
    unknownFields: hasUnknownFields(writer, ours),
    read(bytes, start) {
      if (!isWellFormed(bytes, start)) return undefined;
      try {
        return plain(ours.fromBuffer(bytes.subarray(start), resolver));
      } catch {
        // avsc throws for what is well formed and yet cannot be given, such as a long beyond 2^53.
        return undefined;
      }
    },
  };
}

/** avsc makes records instances of a class of its own; ours are plain objects, equal to those that were written. */
function plainOf(type: avsc.Type): (value: unknown) => unknown {
  const record = recordIn(type);
  if (record === undefined) return (value) => value;
  const inner = record.fields
    .filter((field) => recordIn(field.type) !== undefined)
    .map((field) => ({ name: field.name, plain: plainOf(field.type) }));
  return (value) => {
    if (value === null) return null;
    const copy: Record<string, unknown> = { ...Object(value) };
    for (const { name, plain } of inner) copy[name] = plain(copy[name]);
    return copy;
  };
}

function hasUnknownFields(writer: avsc.Type, ours: avsc.Type): boolean {
  const ourRecord = recordIn(ours);
  const writerRecord = recordIn(writer);
  if (ourRecord === undefined || writerRecord === undefined) return false;
  return writerRecord.fields.some((field) => {
    const same = ourRecord.fields.find((own) => own.name === field.name || own.aliases.includes(field.name));
    return same === undefined || hasUnknownFields(field.type, same.type);
  });
}

/** The record that a type is, or that it is when it is not null. */
function recordIn(type: avsc.Type): avsc.types.RecordType | undefined {
  const { types } = avsc;
  if (type instanceof types.RecordType) return type;
  if (type instanceof types.UnwrappedUnionType)
    return type.types.map(recordIn).find((record) => record !== undefined);
  return undefined;
}
