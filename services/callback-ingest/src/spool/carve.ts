import { closeSync, openSync, readSync } from 'node:fs';
import { MAX_ROW_BYTES, ROW_PREFIX, type Row, rowAt } from './row.ts';

/** Some 200 rows: one commit. */
const CHUNK_BYTES = 2 ** 16;

/**
 * Finds the undamaged rows in a file of any content, by their looks: what SQLite itself would say of the file does
 * not matter. The rows come chunk by chunk, so that memory stays small; the same row may come more than once, and
 * so may rows that were deleted.
 * @throws what the file system says
 */
export function* carveFile(path: string, chunkBytes = CHUNK_BYTES): Generator<readonly Row[], void> {
  const file = openSync(path, 'r');
  try {
    // Chunks overlap by the longest row, so that every row is whole in one of them.
    const buffer = Buffer.alloc(chunkBytes + MAX_ROW_BYTES);
    for (let offset = 0; ; offset += chunkBytes) {
      const length = readFully(file, buffer, offset);
      yield carve(buffer.subarray(0, length));
      if (length < buffer.length) return;
    }
  } finally {
    closeSync(file);
  }
}

/** @returns the undamaged rows in `bytes`, in their order */
export function carve(bytes: Buffer): readonly Row[] {
  const rows: Row[] = [];
  for (let at = bytes.indexOf(ROW_PREFIX); at !== -1; at = bytes.indexOf(ROW_PREFIX, at + 1)) {
    const row = rowAt(bytes, at);
    if (row) rows.push(row);
  }
  return rows;
}

function readFully(file: number, buffer: Buffer, offset: number): number {
  let length = 0;
  while (length < buffer.length) {
    const read = readSync(file, buffer, length, buffer.length - length, offset + length);
    if (read === 0) break;
    length += read;
  }
  return length;
}
