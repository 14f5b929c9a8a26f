import { stripVTControlCharacters } from 'node:util';
import type { StatusEvent } from '@whatsapp-stream/schemas';
import type { Colours } from '../colours.ts';
import { type Before, createJourneys } from '../journeys.ts';
import { statusLine } from '../render.ts';

/** One line per message, which grows as the message moves on. */
export interface Board {
  show(event: StatusEvent): void;
  /** A line of its own, above the messages. */
  note(line: string): void;
}

export interface BoardOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

const MAX_MESSAGES = 10_000;
/** Left free below the moving lines. */
const MARGIN_ROWS = 3;
const FALLBACK = { columns: 80, rows: 24 };

const up = (lines: number): string => (lines > 0 ? `\x1b[${lines}A` : '');
const CLEAR_LINE = '\x1b[2K';

/**
 * On a terminal each message keeps its line, which is drawn again when something happens to it; lines that no
 * longer fit scroll away as they are. Elsewhere each event is a line.
 */
export function createBoard(output: BoardOutput, colours: Colours): Board {
  const journeys = createJourneys(MAX_MESSAGES);
  /** The lines that can still be drawn again, by message, from top to bottom. */
  const lines = new Map<string, string>();

  function redraw(before: number, above = ''): void {
    const texts = [...lines.values()].map((line) => `${CLEAR_LINE}${fitted(line, output.columns)}\n`);
    output.write(`${up(before)}${above}${texts.join('')}`);
    const room = (output.rows ?? FALLBACK.rows) - MARGIN_ROWS;
    for (const key of [...lines.keys()].slice(0, Math.max(0, lines.size - room))) lines.delete(key);
  }

  /** Where the terminal is narrow, of the way so far only the last steps, so that the newest is always seen. */
  function lineFor(event: StatusEvent, before: Before): string {
    for (let skipped = 0; ; skipped++) {
      const statuses = before.statuses.slice(skipped);
      const line = statusLine(event, { colours, before: { ...before, statuses } });
      if (statuses.length === 0 || widthOf(line) < (output.columns ?? FALLBACK.columns)) return line;
    }
  }

  return {
    show(event) {
      const before = journeys.add(event);
      if (!before) return;
      if (!output.isTTY) {
        output.write(`${statusLine(event, { colours, before })}\n`);
        return;
      }
      const drawn = lines.size;
      lines.set(event.message_id ?? `session ${event.session_id}`, lineFor(event, before));
      redraw(drawn);
    },
    note(line) {
      if (output.isTTY) redraw(lines.size, `${CLEAR_LINE}${line}\n`);
      else output.write(`${line}\n`);
    },
  };
}

/** A line that wrapped would be counted as one and drawn over the wrong place. */
function fitted(line: string, columns = FALLBACK.columns): string {
  if (widthOf(line) < columns) return line;
  return `${stripVTControlCharacters(line).slice(0, Math.max(0, columns - 2))}…`;
}

const widthOf = (line: string): number => stripVTControlCharacters(line).length;
