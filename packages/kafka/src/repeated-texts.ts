/**
 * Texts of which each is likely to be the one that stood at the same place before, as with headers: neighbours in a
 * log have the same names, and many of the same values. Those are not made again.
 */
export interface RepeatedTexts {
  /** @returns the bytes from `from` up to `to`, all of them unless told, as UTF-8 */
  at(place: number, bytes: Buffer, from?: number, to?: number): string;
}

const MAX_PLACES = 64;
const MAX_BYTES = 64;

export function createRepeatedTexts(): RepeatedTexts {
  const last: string[] = [];
  return {
    at(place, bytes, from = 0, to = bytes.length) {
      const before = last[place];
      if (before !== undefined && isAscii(before, bytes, from, to)) return before;
      const text = bytes.toString('utf8', from, to);
      if (place < MAX_PLACES && to - from <= MAX_BYTES) last[place] = text;
      return text;
    },
  };
}

/** Whether the bytes are this text, all of it in ASCII. */
function isAscii(text: string, bytes: Buffer, from: number, to: number): boolean {
  if (text.length !== to - from) return false;
  for (let i = 0; i < text.length; i++) {
    const byte = bytes[from + i] ?? 0x80;
    if (byte >= 0x80 || text.charCodeAt(i) !== byte) return false;
  }
  return true;
}
