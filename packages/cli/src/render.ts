import { STATUSES, type Status, type StatusEvent } from '@whatsapp-stream/schemas';
import { type Colours, PLAIN } from './colours.ts';
import { showDuration } from './durations.ts';
import type { Before } from './journeys.ts';

export interface LineOptions {
  readonly colours?: Colours;
  /** What was told of the message before; shown as `ATTEMPTED → ACCEPTED → …`. */
  readonly before?: Before;
  /** Wall-clock time in ms: an event of another day than today is shown with its date. Without it, none is. */
  readonly nowMs?: number;
}

/** Wide enough for `transactional`. */
const LANE_WIDTH = 13;
const ID_WIDTH = 20;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * One event as one line: local time, lane, short message id, the way so far, attempt when it is not the first,
 * reason.
 */
export function statusLine(event: StatusEvent, options: LineOptions = {}): string {
  const { colours = PLAIN, before, nowMs } = options;
  const lane = event.lane ?? before?.lane ?? '';
  return [
    colours.dim(showTime(event.occurred_at, nowMs)),
    plain(lane).padEnd(LANE_WIDTH),
    shortId(event).padEnd(ID_WIDTH),
    way(event.status, before?.statuses ?? [], colours) + remarks(event, colours),
  ].join('  ');
}

/** One event of a journey that stands alone: local time, time since the journey began, status, who told it, reason. */
export function journeyLine(event: StatusEvent, startMs: number, options: LineOptions = {}): string {
  const { colours = PLAIN, nowMs } = options;
  const teller = event.origin.toLowerCase();
  const rest = remarks(event, colours);
  return [
    colours.dim(showTime(event.occurred_at, nowMs)),
    `+${showDuration(Math.max(0, event.occurred_at - startMs))}`.padStart(ELAPSED_WIDTH),
    coloured(event.status, colours) + ' '.repeat(Math.max(0, STATUS_WIDTH - event.status.length)),
    colours.dim(rest === '' ? teller : teller.padEnd(ORIGIN_WIDTH)) + rest,
  ].join('  ');
}

/** Wide enough for `+59 min 59 s`. */
const ELAPSED_WIDTH = 12;
const STATUS_WIDTH = Math.max(...Object.keys(STATUSES).map((status) => status.length));
const ORIGIN_WIDTH = 'callback'.length;

/** Enough of the id to know a message again: the first group of a UUID; of others beginning and end. */
export function shortId(event: Pick<StatusEvent, 'message_id' | 'session_id'>): string {
  if (event.message_id === null) return `session ${plain(event.session_id ?? '?').slice(0, 8)}`;
  const id = plain(event.message_id);
  if (UUID.test(id)) return id.slice(0, 8);
  return id.length <= ID_WIDTH ? id : `${id.slice(0, 9)}…${id.slice(-10)}`;
}

/** What others wrote, without what could steer a terminal. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

/** A status in the colour of what it means: good, bad, not sure, or still on its way. */
export function coloured(status: Status, colours: Colours): string {
  if (status === 'DELIVERED' || status === 'READ') return colours.green(status);
  if (status === 'IN_DOUBT' || status === 'RETRYING' || status === 'UNKNOWN') return colours.yellow(status);
  return STATUSES[status].closing ? colours.red(status) : colours.cyan(status);
}

/** Local time; with the date when it is of another day than `nowMs`. */
export function showTime(ms: number, nowMs?: number): string {
  const at = new Date(ms);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
  if (nowMs === undefined || at.toDateString() === new Date(nowMs).toDateString()) return time;
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}

function way(status: Status, before: readonly Status[], colours: Colours): string {
  const earlier = before.map((one) => `${one} → `).join('');
  return `${colours.dim(earlier)}${coloured(status, colours)}`;
}

function remarks(event: StatusEvent, colours: Colours): string {
  const parts = [
    ...(event.attempt > 1 ? [`attempt ${event.attempt}`] : []),
    ...(event.status === 'UNKNOWN' && event.provider_code !== null ? [`code ${event.provider_code}`] : []),
    ...(event.reason === null ? [] : [plain(event.reason)]),
    ...(event.retry_at === null ? [] : [`again at ${showTime(event.retry_at)}`]),
    ...(event.verified ? [] : ['unverified']),
  ];
  return parts.map((part) => `  ${colours.dim('·')} ${part}`).join('');
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
