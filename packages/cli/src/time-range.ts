import { InvalidArgumentError } from 'commander';
import { parseTime } from './durations.ts';

/** From `fromMs` on and before `toMs`, ms since the epoch. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a range can be made of, for the help of a command. */
export const TIME_EXAMPLES = '90m, 7d (ago), 2026-01-31, 2026-01-31T08:00Z or 2026-01-31T15:00+07:00';

/**
 * Reads an option that names a moment; local time where it names no zone.
 * @returns ms since the epoch
 * @throws InvalidArgumentError that names the choices
 */
export function timeOption(text: string): number {
  const at = parseTime(text, Date.now());
  if (at === undefined) throw new InvalidArgumentError(`It must be like ${TIME_EXAMPLES}.`);
  return at;
}

/**
 * @param to the first moment that is not meant; now unless told, and never later than now
 * @returns the range, with what its caller may not expect of it, or what is wrong with it, in sentences
 */
export function timeRange(
  from: number,
  to: number | undefined,
  nowMs: number,
):
  | { readonly ok: true; readonly range: TimeRange; readonly notes: readonly string[] }
  | { readonly ok: false; readonly fault: string } {
  const toMs = Math.min(to ?? nowMs, nowMs);
  if (from >= nowMs)
    return { ok: false, fault: `--from is in the future, ${shown(from)}: nothing is there yet` };
  if (toMs <= from)
    return { ok: false, fault: `--to, ${shown(toMs)}, must be later than --from, ${shown(from)}` };
  const notes =
    to !== undefined && to > nowMs
      ? [`--to is in the future, ${shown(to)}: what is there now is taken, up to ${shown(nowMs)}`]
      : [];
  return { ok: true, range: { fromMs: from, toMs }, notes };
}

function shown(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
