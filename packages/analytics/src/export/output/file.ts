import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeError } from '../errors.ts';
import { claimPartial, removeLeftovers, sync } from './partial.ts';
import { filePlace, makeFolder } from './place.ts';

/** Where lines go, chunk by chunk. */
export interface LineOutput {
  /** @throws ExportError where the output takes no more */
  write(bytes: Uint8Array): Promise<void>;
  /** All is written. @returns the files that are there now */
  finish(): Promise<readonly string[]>;
  /** Leaves nothing of what was not finished. */
  close(): Promise<void>;
}

/** A file that gets its name when it is whole, and replaces what had that name. */
export async function openFile(path: string): Promise<LineOutput> {
  const place = await filePlace(path);
  const partial = claimPartial(place);
  const told = (error: unknown) => {
    throw writeError(error, path);
  };
  const handle = await makeFolder(dirname(place))
    .then(() => removeLeftovers(place))
    .then(() => open(partial.path, 'wx'))
    .catch(told);
  return {
    write: async (bytes) => {
      for (let at = 0; at < bytes.length; ) {
        at += (await handle.write(bytes, at).catch(told)).bytesWritten;
      }
    },
    async finish() {
      try {
        await handle.sync();
        await handle.close();
        await rename(partial.path, place);
        await sync(dirname(place));
      } catch (error) {
        told(error);
      }
      return [path];
    },
    async close() {
      await handle.close();
      await partial.remove();
    },
  };
}
