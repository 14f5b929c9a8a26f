import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682;
/** The first salt grows by one whenever the log begins anew. */
const OLD_GENERATIONS = 1_000_000;

type Sums = readonly [number, number];

/**
 * Reads a write-ahead log as SQLite does when it opens it (https://sqlite.org/fileformat2.html#walformat): up to
 * the first frame whose salt or checksum is wrong. What comes after that is lost to SQLite, silently.
 * @returns whether the log holds frames of its present generation that SQLite will not read: it was damaged, or
 * the machine stopped before the last ones were synced. A log that ends within a transaction because its process
 * was killed is not cut, nor is one that ends with what a former generation left.
 * @throws what the file system says
 */
export function isCut(path: string): boolean {
  const log = readFileSync(path);
  if (log.length === 0) return false;
  const magic = log.length >= HEADER_BYTES ? log.readUInt32BE(0) : 0;
  if ((magic & 0xfffffffe) >>> 0 !== MAGIC) return true;
  const isBig = (magic & 1) === 1;
  let sums = sum(log, 0, 24, isBig, [0, 0]);
  if (!standsAt(log, 24, sums)) return true;
  const pageBytes = log.readUInt32BE(8);
  const frameBytes = FRAME_HEADER_BYTES + pageBytes;
  if (pageBytes < 512 || pageBytes > 65_536) return true;
  for (let at = HEADER_BYTES; at + frameBytes <= log.length; at += frameBytes) {
    sums = sum(log, at, 8, isBig, sums);
    sums = sum(log, at + FRAME_HEADER_BYTES, pageBytes, isBig, sums);
    const isSalted = log.compare(log, 16, 24, at + 8, at + 16) === 0;
    if (!isSalted || !standsAt(log, at + 16, sums)) return holdsPresent(log, at, frameBytes);
  }
  return false;
}

function holdsPresent(log: Buffer, from: number, frameBytes: number): boolean {
  for (let at = from; at + frameBytes <= log.length; at += frameBytes) {
    const age = (log.readUInt32BE(16) - log.readUInt32BE(at + 8)) >>> 0;
    const isOld = age >= 1 && age <= OLD_GENERATIONS && log.readUInt32BE(20) !== log.readUInt32BE(at + 12);
    if (!isOld) return true;
  }
  return false;
}

function standsAt(log: Buffer, at: number, sums: Sums): boolean {
  return log.readUInt32BE(at) === sums[0] && log.readUInt32BE(at + 4) === sums[1];
}

/** `length` is a multiple of 8. */
function sum(log: Buffer, start: number, length: number, isBig: boolean, before: Sums): Sums {
  const bytes = Uint8Array.prototype.slice.call(log, start, start + length);
  if (isBig !== (endianness() === 'BE')) Buffer.from(bytes.buffer).swap32();
  const words = new Uint32Array(bytes.buffer);
  let [first, second] = before;
  for (let i = 0; i < words.length; i += 2) {
    first = (first + (words[i] ?? 0) + second) >>> 0;
    second = (second + (words[i + 1] ?? 0) + first) >>> 0;
  }
  return [first, second];
}
