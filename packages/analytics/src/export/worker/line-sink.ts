import type { KafkaRecord } from '@whatsapp-stream/kafka';
import type { LineOf } from '../rows/ndjson.ts';

/** What is handed over at a time. */
const CHUNK_BYTES = 256 * 1_024;
/** UTF-8 takes at most so much for a unit of a JavaScript string. */
const BYTES_PER_UNIT = 3;
/** What may be on its way to be written, before the reading waits. */
const UNDER_WAY_BYTES = 4 * 1_024 * 1_024;

/** Lines on their way to whoever writes them. */
export interface LineSink<E> {
  add(event: E, record: KafkaRecord): void;
  /** Resolves once there is room for more. */
  room(): Promise<void>;
  /** What was handed over is written, and its bytes are here again. */
  taken(bytes: Uint8Array<ArrayBuffer>): void;
  /** Hands over what is left. */
  flush(): void;
}

/** @param hand is given whole lines, in bytes that are its own until they come back */
export function createLineSink<E>(
  lineOf: LineOf<E>,
  hand: (bytes: Uint8Array<ArrayBuffer>) => void,
): LineSink<E> {
  /** Used again and again: what is left to the collector of garbage is freed late, and by then it is much. */
  const spare: Buffer<ArrayBuffer>[] = [];
  let chunk: Buffer<ArrayBuffer> | undefined;
  let length = 0;
  let underWay = 0;
  let waiting: (() => void) | undefined;

  function flush(): void {
    if (chunk === undefined || length === 0) return;
    underWay += length;
    hand(new Uint8Array(chunk.buffer, 0, length));
    chunk = undefined;
    length = 0;
  }

  function roomFor(bytes: number): Buffer<ArrayBuffer> {
    if (chunk !== undefined && length + bytes > chunk.length) flush();
    chunk ??= bytes > CHUNK_BYTES ? newBuffer(bytes) : (spare.pop() ?? newBuffer(CHUNK_BYTES));
    return chunk;
  }

  return {
    add(event, record) {
      // Into bytes at once: strings that are put together line by line live long enough to be work for the collector.
      const line = lineOf(event, record);
      const room = roomFor(line.length * BYTES_PER_UNIT);
      length += room.write(line, length);
    },
    room() {
      if (underWay < UNDER_WAY_BYTES) return Promise.resolve();
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
    taken(bytes) {
      underWay -= bytes.length;
      if (bytes.buffer.byteLength === CHUNK_BYTES) spare.push(Buffer.from(bytes.buffer));
      if (underWay >= UNDER_WAY_BYTES) return;
      waiting?.();
      waiting = undefined;
    },
    flush,
  };
}

/** A buffer whose memory it has for itself, and can hand over. */
function newBuffer(bytes: number): Buffer<ArrayBuffer> {
  return Buffer.from(new ArrayBuffer(bytes));
}
