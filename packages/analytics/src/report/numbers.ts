/** A thin space that no line breaks at: between thousands, and before a unit. */
export const THIN = '\u202f';
const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** `1 234 567` with thin spaces. */
export function showCount(count: number): string {
  return grouped.format(count).replaceAll(',', THIN);
}

/** `1 message`, `2 messages`. */
export function showCounted(count: number, one: string, many = `${one}s`): string {
  return `${showCount(count)} ${count === 1 ? one : many}`;
}

/** A share that is never rounded to none or to all; a dash where there is nothing to share. */
export function showShare(part: number, whole: number): string {
  if (whole === 0) return '–';
  const percent = (100 * part) / whole;
  const shown = percent.toFixed(1);
  if (part === 0 || part === whole) return `${percent}${THIN}%`;
  if (shown === '0.0') return `<${THIN}0.1${THIN}%`;
  if (shown === '100.0' && part < whole) return `>${THIN}99.9${THIN}%`;
  return `${shown}${THIN}%`;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `850 ms`, `1.42 s`, `12.3 s`, `2 min 5 s`, `1 h 12 min`, `3 d 4 h` */
export function showDuration(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)}${THIN}ms`;
  if (ms < 10 * SECOND_MS) return `${(ms / SECOND_MS).toFixed(2)}${THIN}s`;
  if (ms < MINUTE_MS) return `${(ms / SECOND_MS).toFixed(1)}${THIN}s`;
  if (ms < HOUR_MS) return pair(ms, MINUTE_MS, 'min', SECOND_MS, 's');
  if (ms < DAY_MS) return pair(ms, HOUR_MS, 'h', MINUTE_MS, 'min');
  return pair(ms, DAY_MS, 'd', HOUR_MS, 'h');
}

function pair(ms: number, largeMs: number, large: string, smallMs: number, small: string): string {
  const rest = Math.floor((ms % largeMs) / smallMs);
  const head = `${showCount(Math.floor(ms / largeMs))}${THIN}${large}`;
  return rest > 0 ? `${head} ${rest}${THIN}${small}` : head;
}
