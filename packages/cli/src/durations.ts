const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNITS_MS;

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** @returns `90s`, `5m`, `1.5h`, `7d`, `500ms` as ms; undefined when it is no duration */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text.trim());
  const [, amount, unit] = match ?? [];
  if (amount === undefined || unit === undefined || !isUnit(unit)) return undefined;
  const ms = Math.round(Number(amount) * UNITS_MS[unit]);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

const DATE = /^\d{4}-\d{2}-\d{2}/;

/** JavaScript reads the 31st of February as the 3rd of March. */
function isOfCalendar(date: string): boolean {
  const at = Date.parse(date);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date);
}

/**
 * @param text a duration back from now, `90s`, `7d`, or a time, `2026-01-31T08:00Z`; local time where it names no zone
 * @returns ms since the epoch; undefined when it is neither
 */
export function parseTime(text: string, nowMs: number): number | undefined {
  const ago = parseDuration(text);
  if (ago !== undefined) return nowMs - ago;
  const [date] = DATE.exec(text) ?? [];
  const at = date !== undefined && isOfCalendar(date) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

function isUnit(text: string): text is Unit {
  return Object.hasOwn(UNITS_MS, text);
}

/** @returns a time that passed, for people: `0 ms`, `85 ms`, `1.2 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h` */
export function showDuration(ms: number): string {
  if (ms < 0) return `-${showDuration(-ms)}`;
  if (ms < UNITS_MS.s) return `${Math.round(ms)} ms`;
  if (ms < UNITS_MS.m) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < UNITS_MS.h) return pair(ms, UNITS_MS.m, 'min', UNITS_MS.s, 's');
  if (ms < UNITS_MS.d) return pair(ms, UNITS_MS.h, 'h', UNITS_MS.m, 'min');
  return pair(ms, UNITS_MS.d, 'd', UNITS_MS.h, 'h');
}

function pair(ms: number, largeMs: number, large: string, smallMs: number, small: string): string {
  const rest = Math.floor((ms % largeMs) / smallMs);
  return `${Math.floor(ms / largeMs)} ${large}${rest > 0 ? ` ${rest} ${small}` : ''}`;
}
