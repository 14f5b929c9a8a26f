import { typeOf } from '../reader.ts';

/**
 * Holds two schemas of one event to each other, whichever was first: what is written with either must be readable
 * with the other, by Avro's rules of schema resolution (avsc's own judgement). One rule is added, because neither
 * Avro nor a registry has it: a field keeps its logical type, or times would silently be read as others.
 *
 * @returns what is wrong, for people; empty when the two can live side by side
 */
export function faultsBetween(one: string, other: string): readonly string[] {
  return [...readingFaults(one, other), ...readingFaults(other, one), ...meaningFaults(one, other)];
}

function readingFaults(readerText: string, writerText: string): readonly string[] {
  try {
    typeOf(readerText).createResolver(typeOf(writerText));
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function meaningFaults(one: string, other: string): readonly string[] {
  const inOther = logicalTypes(JSON.parse(other), '');
  return [...logicalTypes(JSON.parse(one), '')].flatMap(([path, logicalType]) => {
    const same = inOther.get(path) ?? logicalType;
    return same === logicalType ? [] : [`${path} is ${logicalType} in one and ${same} in the other`];
  });
}

/** The logical type of every field, `none` where it has none, by the names that lead to it. */
function logicalTypes(schema: unknown, path: string): ReadonlyMap<string, string> {
  if (Array.isArray(schema)) {
    const branches = schema.map((branch) => logicalTypes(branch, path)).flatMap((found) => [...found]);
    // The null beside a time has none.
    return new Map([...branches, ...branches.filter(([, logicalType]) => logicalType !== 'none')]);
  }
  if (typeof schema !== 'object' || schema === null) return new Map([[path, 'none']]);
  const { type, logicalType, fields, items, values }: Readonly<Record<string, unknown>> = { ...schema };
  if (typeof logicalType === 'string') return new Map([[path, logicalType]]);
  if (Array.isArray(fields)) {
    return new Map(fields.flatMap((field) => [...logicalTypes(field.type, `${path}.${field.name}`)]));
  }
  return logicalTypes(items ?? values ?? (typeof type === 'object' ? type : null), path);
}
