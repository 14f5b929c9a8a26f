import avsc from 'avsc';

/** Walks over one value: from its first byte to the position after its last one. */
type Walk = (bytes: Buffer, start: number) => number;

/**
 * Prepares a check that a body is well formed in the schema that it was written with: every length and count fits
 * into the bytes that are there, every index exists, and nothing follows.
 *
 * avsc does not check this before it acts: it reads a map that claims 2^40 entries entry by entry although
 * nothing follows, and skips a block by a negative size for ever. One bad record would stop its reader.
 *
 * @returns a function that tells whether the bytes from `start` to their end are one value
 */
export function createCheck(type: avsc.Type): (bytes: Buffer, start: number) => boolean {
  const walk = walkOf(type, new Map());
  return (bytes, start) => {
    try {
      return walk(bytes, start) === bytes.length;
    } catch (error) {
      // RangeError also when records are nested deeper than the stack.
      if (error instanceof RangeError) return false;
      throw error;
    }
  };
}

/** Walks are kept by their type, since a record can contain itself. */
function walkOf(type: avsc.Type, known: Map<avsc.Type, Walk>): Walk {
  const before = known.get(type);
  if (before !== undefined) return before;
  let walk: Walk = () => malformed();
  known.set(type, (bytes, start) => walk(bytes, start));
  walk = createWalk(type, known);
  known.set(type, walk);
  return walk;
}

function createWalk(type: avsc.Type, known: Map<avsc.Type, Walk>): Walk {
  const { types } = avsc;
  if (type instanceof types.RecordType) return inTurn(type.fields.map((field) => walkOf(field.type, known)));
  if (type instanceof types.ArrayType) return inBlocks(walkOf(type.itemsType, known));
  if (type instanceof types.MapType) return inBlocks(inTurn([text, walkOf(type.valuesType, known)]));
  if (type instanceof types.UnwrappedUnionType || type instanceof types.WrappedUnionType) {
    return oneOf(type.types.map((branch) => walkOf(branch, known)));
  }
  if (type instanceof types.EnumType) return oneOf(type.symbols.map(() => bytesLong(0)));
  if (type instanceof types.FixedType) return bytesLong(type.size);
  const primitive = PRIMITIVES.get(type.typeName);
  if (primitive === undefined) throw new TypeError(`no walk over Avro's ${type.typeName}`);
  return primitive;
}

const text: Walk = (bytes, start) => {
  const { value, end } = readLong(bytes, start);
  return checked(bytes, end, value);
};

const PRIMITIVES: ReadonlyMap<string, Walk> = new Map<string, Walk>([
  ['null', bytesLong(0)],
  ['boolean', bytesLong(1)],
  ['int', (bytes, start) => readInt(bytes, start)],
  ['long', (bytes, start) => readLong(bytes, start).end],
  ['float', bytesLong(4)],
  ['double', bytesLong(8)],
  ['bytes', text],
  ['string', text],
]);

function bytesLong(length: number): Walk {
  return (bytes, start) => checked(bytes, start, length);
}

function inTurn(walks: readonly Walk[]): Walk {
  return (bytes, start) => {
    let position = start;
    for (const walk of walks) position = walk(bytes, position);
    return position;
  };
}

function oneOf(branches: readonly Walk[]): Walk {
  return (bytes, start) => {
    const { value, end } = readLong(bytes, start);
    const branch = branches[value] ?? malformed;
    return branch(bytes, end);
  };
}

/** Arrays and maps: blocks of a count and so many items, until a count of 0. A negative count has a size after it. */
function inBlocks(item: Walk): Walk {
  return (bytes, start) => {
    let position = start;
    for (;;) {
      const { value: count, end } = readLong(bytes, position);
      position = end;
      if (count === 0) return position;
      // An item takes a byte at least; only those of an array of nulls would not, and nobody needs to count these.
      if (Math.abs(count) > bytes.length - position) return malformed();
      const size = count < 0 ? readLong(bytes, position) : undefined;
      if (size !== undefined) position = size.end;
      const first = position;
      for (let left = Math.abs(count); left > 0; left -= 1) position = item(bytes, position);
      if (size !== undefined && position - first !== size.value) return malformed();
    }
  };
}

/** A zigzag varint of up to ten bytes; beyond 2^53 the value is only about right, which is enough to refuse it. */
function readLong(bytes: Buffer, start: number): { value: number; end: number } {
  let raw = 0;
  let factor = 1;
  for (let position = start; position < start + 10; position += 1) {
    const byte = bytes[position];
    if (byte === undefined) return malformed();
    raw += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value: raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2, end: position + 1 };
    factor *= 0x80;
  }
  return malformed();
}

function readInt(bytes: Buffer, start: number): number {
  const { value, end } = readLong(bytes, start);
  return value === (value | 0) ? end : malformed();
}

function checked(bytes: Buffer, start: number, length: number): number {
  return length >= 0 && length <= bytes.length - start ? start + length : malformed();
}

function malformed(): never {
  throw new RangeError('malformed Avro');
}
