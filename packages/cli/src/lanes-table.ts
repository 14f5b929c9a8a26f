import { type Colours, PLAIN } from './colours.ts';
import type { HeldBy } from './control-view.ts';
import { showDuration } from './durations.ts';
import type { LaneRow } from './lane-row.ts';
import { plain, showTime } from './render.ts';

interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

const HEAD = ['lane', 'state', 'waiting', 'oldest', 'deleted in', 'published/s', 'done/s'] as const;
/** Lane and state; numbers stand to the right. */
const LEFT_COLUMNS = 2;
/** What is left of a record's life when people must act. */
const LITTLE = 0.1;
const NOTHING = '–';

/** The lanes for people: a table, then a line for each thing that somebody should know. */
export function lanesTable(
  rows: readonly LaneRow[],
  now: number,
  colours: Colours = PLAIN,
): readonly string[] {
  const cells = [
    HEAD.map((text): Cell => ({ text, paint: colours.dim })),
    ...rows.map((row) => cellsOf(row, now, colours)),
  ];
  const widths = HEAD.map((_, i) => Math.max(...cells.map((line) => line[i]?.text.length ?? 0)));
  const lines = cells.map((line) => line.map((cell, i) => aligned(cell, widths[i] ?? 0, i)).join('  '));
  return [...lines.map((line) => line.trimEnd()), ...remarks(rows, now)];
}

function aligned({ text, paint = (same) => same }: Cell, width: number, column: number): string {
  const space = ' '.repeat(width - text.length);
  return column < LEFT_COLUMNS ? paint(text) + space : space + paint(text);
}

function cellsOf(row: LaneRow, now: number, colours: Colours): readonly Cell[] {
  const left = leftOf(row, now);
  return [
    { text: plain(row.lane) },
    row.heldBy ? { text: 'paused', paint: colours.yellow } : { text: 'open', paint: colours.green },
    { text: row.depth.toLocaleString('en-US') },
    { text: row.oldestAt === null ? NOTHING : showDuration(now - row.oldestAt) },
    {
      text: left === null ? NOTHING : showDuration(Math.max(0, left)),
      ...(isLittle(row, now) ? { paint: colours.red } : {}),
    },
    { text: rate(row.publishedPerSecond) },
    { text: rate(row.donePerSecond) },
  ];
}

/** How long the oldest waiting record is kept still, at least; null where none waits, or it is kept for ever. */
function leftOf({ oldestAt, retentionMs }: LaneRow, now: number): number | null {
  return oldestAt === null || retentionMs === null ? null : oldestAt + retentionMs - now;
}

function isLittle(row: LaneRow, now: number): boolean {
  const left = leftOf(row, now);
  return left !== null && left < (row.retentionMs ?? 0) * LITTLE;
}

function rate(perSecond: number): string {
  if (perSecond === 0) return '0';
  return perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString('en-US');
}

function remarks(rows: readonly LaneRow[], now: number): readonly string[] {
  const held = rows.flatMap(({ lane, heldBy }) => (heldBy ? [brakeLine(lane, heldBy, now)] : []));
  const late = rows
    .filter((row) => isLittle(row, now))
    .map(({ lane }) => `${plain(lane)}: what is not sent until its topic's retention ends is lost`);
  const lines = [...new Set(held), ...late];
  return lines.length > 0 ? ['', ...lines] : [];
}

/** Who holds a lane, since when and why. */
export function brakeLine(lane: string, { said, at, all }: HeldBy, now: number): string {
  const by = said.by ? ` by ${plain(said.by)}` : '';
  const reason = said.reason ? `: ${plain(said.reason)}` : '';
  return `${all ? 'all lanes are' : `${plain(lane)} is`} paused since ${showTime(at, now).slice(0, -4)}${by}${reason}`;
}

/** A lane as a JSON object on a line. */
export function laneJson(row: LaneRow, now: number): string {
  const { heldBy } = row;
  return JSON.stringify({
    at: now,
    lane: row.lane,
    topic: row.topic,
    paused: heldBy !== null,
    paused_with_all: heldBy?.all ?? false,
    paused_since: heldBy?.at ?? null,
    paused_by: heldBy?.said.by ?? null,
    paused_reason: heldBy?.said.reason ?? null,
    depth: row.depth,
    oldest_at: row.oldestAt,
    oldest_age_ms: row.oldestAt === null ? null : now - row.oldestAt,
    retention_ms: row.retentionMs,
    published_per_second: Number(row.publishedPerSecond.toFixed(2)),
    done_per_second: Number(row.donePerSecond.toFixed(2)),
  });
}
