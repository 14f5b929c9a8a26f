/** Bytes, and how far they are read. */
export interface Reading {
  readonly bytes: Buffer;
  at: number;
}

/** Zigzag, then base 128 (Kafka's protocol, "varint"): a varint, or a varlong below 2^53. */
export function readVarInt(reading: Reading): number {
  const first = reading.bytes[reading.at] ?? 0x80;
  if (first < 0x80) {
    reading.at += 1;
    return (first >>> 1) ^ -(first & 1);
  }
  let value = 0;
  let factor = 1;
  for (;;) {
    const byte = reading.bytes[reading.at++];
    if (byte === undefined) throw new RangeError('a record ends in the middle of a number');
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    factor *= 0x80;
  }
}

/** Bytes after their length; null for the length -1. */
export function readBytes(reading: Reading): Buffer | null {
  const length = readVarInt(reading);
  if (length < 0) return null;
  reading.at += length;
  return reading.bytes.subarray(reading.at - length, reading.at);
}
