import { createReadStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import type { Where } from '@whatsapp-stream/client';
import { type StatesFormat, writeStates } from '../query/states.ts';
import { writeError } from './errors.ts';
import { claimPartial, type Partial, removeLeftovers, sync, temporaryFolder } from './output/partial.ts';
import { filePlace, makeFolder } from './output/place.ts';
import { toStream } from './output/stream.ts';
import { writeEmptyFile } from './parquet/part-files.ts';
import { STATUS_COLUMNS } from './rows/status-columns.ts';

export interface StatesOutput {
  readonly out: string | Writable;
  readonly format: StatesFormat;
  /** Of the states. */
  readonly where: Where;
  readonly signal: AbortSignal | undefined;
}

/**
 * Folds the events into states: they are first written as Parquet, beside the output, so that memory is bounded however
 * many messages there are.
 * @param writeEvents fills a folder with the events, all of them, and tells how many they are
 * @returns the rows and the files written
 */
export async function foldTo(
  { out, format, where, signal }: StatesOutput,
  writeEvents: (folder: string) => Promise<number>,
): Promise<{ readonly rows: number; readonly files: readonly string[] }> {
  const place = typeof out === 'string' ? await filePlace(out) : out;
  const target = typeof out === 'string' ? out : 'the temporary folder';
  const partial = await folderBeside(place).catch(told(target));
  try {
    const events = join(partial.path, 'events');
    await mkdir(events).catch(told(target));
    if ((await writeEvents(events)) === 0) await writeEmptyFile(events, STATUS_COLUMNS);
    signal?.throwIfAborted();
    const states = join(partial.path, 'states');
    const rows = await writeStates(events, states, { format, where, signal }).catch(told(target));
    signal?.throwIfAborted();
    return { rows, files: await handOver(states, place) };
  } finally {
    await partial.remove();
  }
}

/** Where the events lie meanwhile, and the states grow. */
async function folderBeside(place: string | Writable): Promise<Partial> {
  if (typeof place !== 'string') return temporaryFolder('states');
  await makeFolder(dirname(place));
  await removeLeftovers(place);
  const partial = claimPartial(place);
  await mkdir(partial.path);
  return partial;
}

async function handOver(states: string, out: string | Writable): Promise<readonly string[]> {
  if (typeof out === 'string') {
    await sync(states);
    await rename(states, out).catch(told(out));
    await sync(dirname(out));
    return [out];
  }
  const stream = toStream(out);
  for await (const bytes of createReadStream(states)) await stream.write(bytes);
  return [];
}

function told(target: string): (error: unknown) => never {
  return (error) => {
    throw writeError(error, target);
  };
}
