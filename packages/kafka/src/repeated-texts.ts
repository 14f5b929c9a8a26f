/**
 * Texts of which each is likely to be the one that stood at the same place before, as with headers: neighbours in a
 * log have the same names, and many of the same values. Those are not made again.
 */
export interface RepeatedTexts {
  /** @returns the bytes as UTF-8 */
  at(place: number, bytes: Buffer): string;
}

const MAX_PLACES = 64;
const MAX_BYTES = 64;

export function createRepeatedTexts(): RepeatedTexts {
  const last: string[] = [];
  return {
    at(place, bytes) {
      const before = last[place];
      if (before !== undefined && isAscii(before, bytes)) return before;
      const text = bytes.toString();
      if (place < MAX_PLACES && bytes.length <= MAX_BYTES) last[place] = text;
      return text;
    },
  };
}

/** Whether the bytes are this text, all of it in ASCII. */
function isAscii(text: string, bytes: Buffer): boolean {
  if (text.length !== bytes.length) return false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0x80;
    if (byte >= 0x80 || text.charCodeAt(i) !== byte) return false;
  }
  return true;
}
