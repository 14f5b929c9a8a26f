/** Bytes that are written one after the other, in memory that grows and is used again. */
export interface GrowingBytes {
  /** Forgets what was written. */
  clear(): void;
  int8(value: number): void;
  int16(value: number): void;
  int32(value: number): void;
  /** For integers up to 2^53, or the text of one that may be larger. */
  int64(value: number | string): void;
  /** Zigzag, then base 128: Kafka's varint and varlong, for integers up to 2^51. */
  varInt(value: number): void;
  bytes(value: Uint8Array): void;
  /** With its length in bytes before it, -1 for null. */
  part(value: Buffer | string | null): void;
  /** Puts the length in bytes of what was written since `start` before it, as a `varInt`. */
  insertLength(start: number): void;
  /** Overwrites four bytes that were written before. */
  setInt32(at: number, value: number): void;
  /** How many bytes were written. */
  size(): number;
  /** What was written, from the first byte unless told; good until something else is. */
  view(from?: number): Buffer;
}

const FIRST_BYTES = 16 * 1_024;
const MAX_VAR_INT_BYTES = 8;
const SHORT_TEXT_CHARACTERS = 64;

export function createGrowingBytes(): GrowingBytes {
  let buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  let end = 0;

  function ensure(more: number): void {
    if (end + more <= buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, end + more));
    buffer.copy(larger, 0, 0, end);
    buffer = larger;
  }

  function varInt(value: number): void {
    ensure(MAX_VAR_INT_BYTES);
    let rest = value >= 0 ? value * 2 : -value * 2 - 1;
    while (rest >= 0x80) {
      buffer[end++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    buffer[end++] = rest;
  }

  function int64(value: number | string): void {
    ensure(8);
    if (typeof value === 'number') {
      // BigInts are slow.
      buffer.writeInt32BE(Math.floor(value / 2 ** 32), end);
      buffer.writeUInt32BE(value >>> 0, end + 4);
    } else buffer.writeBigInt64BE(BigInt(value), end);
    end += 8;
  }

  function bytes(value: Uint8Array): void {
    ensure(value.length);
    buffer.set(value, end);
    end += value.length;
  }

  function text(value: string): void {
    if (writeShortAscii(value)) return;
    const length = Buffer.byteLength(value);
    varInt(length);
    ensure(length);
    end += buffer.write(value, end, length);
  }

  /** Most texts are, and for these a loop takes half the time of asking Node. @returns false if nothing was written */
  function writeShortAscii(value: string): boolean {
    const { length } = value;
    if (length > SHORT_TEXT_CHARACTERS) return false;
    const start = end;
    varInt(length);
    ensure(length);
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) {
        end = start;
        return false;
      }
      buffer[end++] = code;
    }
    return true;
  }

  return {
    clear() {
      end = 0;
    },
    int8(value) {
      ensure(1);
      end = buffer.writeInt8(value, end);
    },
    int16(value) {
      ensure(2);
      end = buffer.writeInt16BE(value, end);
    },
    int32(value) {
      ensure(4);
      end = buffer.writeInt32BE(value, end);
    },
    int64,
    varInt,
    bytes,
    part(value) {
      if (value === null) varInt(-1);
      else if (typeof value === 'string') text(value);
      else {
        varInt(value.length);
        bytes(value);
      }
    },
    insertLength(start) {
      const length = end - start;
      varInt(length);
      buffer.copyWithin(end - length, start, start + length);
      end = start;
      varInt(length);
      end += length;
    },
    setInt32(at, value) {
      buffer.writeInt32BE(value, at);
    },
    size: () => end,
    view: (from = 0) => buffer.subarray(from, end),
  };
}
