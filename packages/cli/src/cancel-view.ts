import type { Cancellation, CancelMatch } from '@whatsapp-stream/schemas';
import type { LaneCount } from './cancel-count.ts';
import type { Told } from './control-view.ts';
import { plain, showTime } from './render.ts';

const OPTION_OF: Readonly<Record<keyof CancelMatch, string>> = {
  message_id: '--message-id',
  source: '--source',
  template: '--template',
  lane: '--lane',
};

/** What a cancellation names, as the command line has it: `--template sale --lane marketing`. */
export function showMatch(match: CancelMatch): string {
  return (['message_id', 'source', 'template', 'lane'] as const)
    .flatMap((name) => {
      const value = match[name];
      return value === undefined ? [] : [`${OPTION_OF[name]} ${value === '' ? "''" : plain(value)}`];
    })
    .join(' ');
}

/** @param at what it holds up to, in ms since the epoch */
export function showUntil(at: number, now: number): string {
  return `queued until ${showTime(at, now).slice(0, -4)}`;
}

/** A cancellation that was given, on a line. */
export function ruleLine(id: string, { said, at }: Told<Cancellation>, now: number): string {
  return [
    plain(id),
    showMatch(said.match),
    showUntil(said.until ?? at, now),
    `given ${showTime(at, now).slice(0, -4)}${said.by ? ` by ${plain(said.by)}` : ''}`,
    ...(said.reason ? [plain(said.reason)] : []),
  ].join('  ');
}

export function ruleJson(id: string, { said, at }: Told<Cancellation>): string {
  return JSON.stringify({ id, at, ...said, until: said.until ?? at });
}

/** What was found, a line for each lane that holds something. */
export function countLines(counts: readonly LaneCount[]): readonly string[] {
  const total = counts.reduce((sum, { matching }) => sum + matching, 0);
  const lines = counts
    .filter(({ queued }) => queued > 0)
    .map(({ lane, queued, matching, unreadable }) => {
      const more = unreadable > 0 ? ` (${number(unreadable)} cannot be read)` : '';
      return `${plain(lane)}: ${number(matching)} of ${number(queued)} queued messages match${more}`;
    });
  if (lines.length === 0) return ['nothing is queued'];
  return lines.length === 1 ? lines : [...lines, `together: ${number(total)}`];
}

export function countJson(id: string | null, counts: readonly LaneCount[]): string {
  const matching = counts.reduce((sum, count) => sum + count.matching, 0);
  return JSON.stringify({ id, dry_run: id === null, matching, lanes: counts });
}

function number(count: number): string {
  return count.toLocaleString('en-US');
}
