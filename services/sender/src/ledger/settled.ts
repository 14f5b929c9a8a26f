import { higherOf, isAtOrBefore, type LogPositions } from './log-positions.ts';

/**
 * The message_ids that are settled, for as long as a repeat of them is to be recognised. Some hundred bytes each, so
 * bounded: in time, in number, and by nothing for those that the committed offsets still need.
 */
export interface SettledMessages {
  has(messageId: string): boolean;
  /** What its request held, as a number; null if it is not settled, or that is not known. */
  contentOf(messageId: string): number | null;
  /**
   * The log says that the message is settled; a second time changes nothing.
   * @param content a hash of what its request held, 32 bits; null where it is not known
   * @param next the position in the log behind the event that says so
   */
  remember(messageId: string, content: number | null, next: LogPosition, now: number): void;
  /** What the log says from here on is not forgotten; null: nothing is pinned. */
  pin(from: LogPositions | null): void;
  /** What the log says from here on is remembered, all of it. */
  completeFrom(): LogPositions;
  /** The log was read again from here on while it was pinned. */
  readAgainFrom(from: LogPositions): void;
  size(): number;
}

export interface LogPosition {
  readonly partition: number;
  readonly offset: number;
}

export interface SettledOptions {
  /** Remembered for at least as long, by the monotonic clock. */
  readonly windowMs: number;
  /** Unless there are more than this. */
  readonly maxMessages: number;
  /** As many are forgotten together, or what has come within `chunkMs`. */
  readonly chunkMessages?: number;
  readonly chunkMs?: number;
}

/** Neighbours in the order of settling, forgotten together: so that a message costs no more than its place in a map. */
interface Chunk {
  readonly startedAt: number;
  newestAt: number;
  messages: number;
  /** Behind the last event of any of them. */
  readonly ends: Map<number, number>;
}

const NOT_KNOWN = -1;

export function createSettledMessages(options: SettledOptions): SettledMessages {
  const { windowMs, maxMessages, chunkMessages = 4_096, chunkMs = 60_000 } = options;
  /** In the order of settling. A number that fits a machine word is kept in the map itself. */
  const contents = new Map<string, number>();
  const chunks: Chunk[] = [];
  let pinnedFrom: LogPositions | null = null;
  let forgottenBelow: LogPositions = new Map();

  function chunkFor(now: number): Chunk {
    const last = chunks.at(-1);
    if (last && last.messages < chunkMessages && now - last.startedAt < chunkMs) return last;
    const chunk = { startedAt: now, newestAt: now, messages: 0, ends: new Map<number, number>() };
    chunks.push(chunk);
    return chunk;
  }

  function forget(now: number): void {
    for (let oldest = chunks[0]; oldest && chunks.length > 1; oldest = chunks[0]) {
      const due = oldest.newestAt < now - windowMs || contents.size > maxMessages;
      if (!due || (pinnedFrom && !isAtOrBefore(oldest.ends, pinnedFrom))) return;
      chunks.shift();
      forgottenBelow = higherOf(forgottenBelow, oldest.ends);
      for (const id of contents.keys()) {
        if (oldest.messages === 0) break;
        contents.delete(id);
        oldest.messages -= 1;
      }
    }
  }

  return {
    has: (messageId) => contents.has(messageId),
    contentOf(messageId) {
      const content = contents.get(messageId) ?? NOT_KNOWN;
      return content === NOT_KNOWN ? null : content;
    },
    remember(messageId, content, { partition, offset }, now) {
      if (contents.has(messageId)) return;
      const chunk = chunkFor(now);
      contents.set(messageId, content ?? NOT_KNOWN);
      chunk.messages += 1;
      chunk.newestAt = now;
      chunk.ends.set(partition, Math.max(chunk.ends.get(partition) ?? 0, offset + 1));
      forget(now);
    },
    pin(from) {
      pinnedFrom = from;
    },
    completeFrom: () => forgottenBelow,
    readAgainFrom(from) {
      forgottenBelow = from;
    },
    size: () => contents.size,
  };
}
