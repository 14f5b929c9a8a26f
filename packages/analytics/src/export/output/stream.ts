import type { Writable } from 'node:stream';
import { writeError } from '../errors.ts';
import type { LineOutput } from './file.ts';

/** A stream that somebody else has opened, and closes. */
export function toStream(stream: Writable): LineOutput {
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        // A stream that fails may tell it by its event alone.
        const onError = (error: Error) => reject(writeError(error, 'the output'));
        stream.once('error', onError);
        stream.write(bytes, (error) => {
          stream.removeListener('error', onError);
          if (error) onError(error);
          else resolve();
        });
      }),
    finish: async () => [],
    close: async () => undefined,
  };
}
