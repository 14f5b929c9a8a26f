/** Bytes that are written one after the other, in memory that grows and is used again. */
export interface GrowingBytes {
  /** Forgets what was written. */
  clear(): void;
  byte(value: number): void;
  /** Zigzag, then base 128: Kafka's varint and varlong, for integers up to 2^51. */
  varInt(value: number): void;
  bytes(value: Uint8Array): void;
  /** With its length in bytes before it, -1 for null. */
  part(value: Buffer | string | null): void;
  /** What was written; good until something else is. */
  view(): Buffer;
}

const FIRST_BYTES = 16 * 1_024;
const MAX_VAR_INT_BYTES = 8;

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

  function bytes(value: Uint8Array): void {
    ensure(value.length);
    buffer.set(value, end);
    end += value.length;
  }

  function text(value: string): void {
    const length = Buffer.byteLength(value);
    varInt(length);
    ensure(length);
    end += buffer.write(value, end, length);
  }

  return {
    clear() {
      end = 0;
    },
    byte(value) {
      ensure(1);
      buffer[end++] = value;
    },
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
    view: () => buffer.subarray(0, end),
  };
}
