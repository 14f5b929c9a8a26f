import { closeSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from './random.ts';

/** A part of a file that was overwritten. */
export interface Damage {
  readonly file: string;
  readonly from: number;
  readonly to: number;
}

const DAMAGED_BYTES = 6_000;
/** What belongs to a callback lies within that many bytes of its session id. */
const ROW_BYTES = 1_200;

/** Overwrites a part of a file by chance. @param at the share of the file that lies before it, 0 to 1 */
export function damage(file: string, at: number, random: Random): Damage {
  const { size } = statSync(file);
  const from = Math.round(at * Math.max(0, size - DAMAGED_BYTES));
  const to = Math.min(size, from + DAMAGED_BYTES);
  const opened = openSync(file, 'r+');
  writeSync(
    opened,
    Uint8Array.from({ length: to - from }, () => Math.floor(random() * 256)),
    0,
    to - from,
    from,
  );
  closeSync(opened);
  return { file, from, to };
}

/** @returns whether a text stands somewhere in the folder's files, too far from the damage to be touched by it */
export function intactRows(folder: string, damage: Damage): (text: string) => boolean {
  const files = readdirSync(folder).map((name) => {
    const file = join(folder, name);
    return { bytes: readFileSync(file), isDamaged: file === damage.file };
  });
  const isNear = (at: number) => at > damage.from - ROW_BYTES && at < damage.to + ROW_BYTES;
  return (text) =>
    files.some(({ bytes, isDamaged }) => {
      let at = bytes.indexOf(text);
      while (at >= 0 && isDamaged && isNear(at)) at = bytes.indexOf(text, at + 1);
      return at >= 0;
    });
}
