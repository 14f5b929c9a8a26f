import type { VolumeRow } from '../figures.ts';
import { weekdayOf, type ZoneClock } from './clock.ts';

const HOUR_MS = 3_600_000;
/** More days than this are shown by the day of the week. */
export const MOST_DAYS_BY_HOUR = 35;
/** Days without a message are filled in up to so many hours. */
const MOST_HOURS_FILLED = 24 * 400;

export interface Tally {
  readonly messages: number;
  readonly charged: number;
}

export interface LanesTally extends Tally {
  /** Messages by lane. */
  readonly lanes: ReadonlyMap<string | null, number>;
}

/** A day of the zone. */
export interface DayVolume extends LanesTally {
  readonly day: string;
  /** Where the range begins or ends within the day: `from 14:00`. */
  readonly partly: string | null;
}

/** An hour of UTC, by the day and the time at which it begins in the zone. */
export interface HourVolume extends LanesTally {
  readonly day: string;
  /** `05:30` */
  readonly begins: string;
}

/** Hours of the day, by day or by day of the week. */
export interface HoursVolume {
  readonly by: 'day' | 'weekday';
  readonly rows: readonly { readonly name: string; readonly hours: readonly (Tally | null)[] }[];
  /** When each of the 24 columns begins: `05:30` in India, since what is counted are hours of UTC. */
  readonly begins: readonly string[];
}

export interface Volume {
  readonly days: readonly DayVolume[];
  readonly hours: HoursVolume;
  /** One after the other. */
  readonly hourly: readonly HourVolume[];
  /** Hours of UTC begin at this minute in the zone, mostly 0. */
  readonly beginsAtMinute: number;
  /** Names of the zone's offset in the range: more than one where clocks were changed. */
  readonly offsets: readonly string[];
}

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Folds hours of UTC to days and hours of a zone. An hour belongs to the day in which it begins. */
export function foldVolume(rows: readonly VolumeRow[], range: Range, clock: ZoneClock): Volume {
  const hours = hoursOf(rows, range);
  const local = new Map(hours.map((ms) => [ms, clock.read(ms)]));
  const dayOf = (ms: number) => (local.get(ms) ?? clock.read(ms)).day;
  const days = Map.groupBy(hours, dayOf);
  const rowsOfDay = Map.groupBy(rows, ({ hourMs }) => dayOf(hourMs));
  const folded = [...days.keys()].toSorted().map((day) => {
    return { day, ...lanesTally(rowsOfDay.get(day) ?? []), partly: partly(day, range, clock) };
  });
  const rowsOfHour = Map.groupBy(rows, ({ hourMs }) => hourMs);
  const hourly = [...local].map(([ms, { day, time }]) => {
    return { day, begins: time.slice(0, 5), ...lanesTally(rowsOfHour.get(ms) ?? []) };
  });
  const by = folded.length > MOST_DAYS_BY_HOUR ? 'weekday' : 'day';
  const minute = local.get(hours[0] ?? 0)?.minute ?? 0;
  return {
    days: folded,
    hours: {
      by,
      rows: hourRows(by, rows, hours, local),
      begins: Array.from({ length: 24 }, (_, hour) => `${two(hour)}:${two(minute)}`),
    },
    hourly,
    beginsAtMinute: minute,
    offsets: [...new Set(hours.map((ms) => clock.offset(ms)))],
  };
}

function hourRows(
  by: HoursVolume['by'],
  rows: readonly VolumeRow[],
  hours: readonly number[],
  local: ReadonlyMap<number, { readonly day: string; readonly hour: number }>,
): HoursVolume['rows'] {
  const counted = Map.groupBy(rows, ({ hourMs }) => hourMs);
  const nameOf = (ms: number) => {
    const day = local.get(ms)?.day ?? '';
    return by === 'day' ? day : weekdayOf(day);
  };
  const names = Map.groupBy(hours, nameOf);
  const order = by === 'day' ? [...names.keys()].toSorted() : WEEK.filter((name) => names.has(name));
  return order.map((name) => {
    const ofHour = Map.groupBy(names.get(name) ?? [], (ms) => local.get(ms)?.hour ?? 0);
    const cells = Array.from({ length: 24 }, (_, hour) => {
      const some = ofHour.get(hour);
      return some === undefined ? null : tally(some.flatMap((ms) => counted.get(ms) ?? []));
    });
    return { name, hours: cells };
  });
}

const WEEK: readonly string[] = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Every hour of the range, and those outside it that have messages. */
function hoursOf(rows: readonly VolumeRow[], { fromMs, toMs }: Range): readonly number[] {
  const first = Math.floor(fromMs / HOUR_MS);
  const count = Math.ceil(toMs / HOUR_MS) - first;
  const filled = count > 0 && count <= MOST_HOURS_FILLED ? count : 0;
  const range = Array.from({ length: filled }, (_, i) => (first + i) * HOUR_MS);
  return [...new Set([...range, ...rows.map(({ hourMs }) => hourMs)])].toSorted((a, b) => a - b);
}

function tally(rows: readonly Tally[]): Tally {
  return {
    messages: rows.reduce((sum, { messages }) => sum + messages, 0),
    charged: rows.reduce((sum, { charged }) => sum + charged, 0),
  };
}

function lanesTally(rows: readonly VolumeRow[]): LanesTally {
  const lanes = Map.groupBy(rows, ({ lane }) => lane);
  return {
    ...tally(rows),
    lanes: new Map([...lanes].map(([lane, some]) => [lane, tally(some).messages])),
  };
}

function partly(day: string, { fromMs, toMs }: Range, clock: ZoneClock): string | null {
  const from = clock.read(fromMs);
  const to = clock.read(toMs);
  const begins = from.day === day && from.time !== '00:00:00' ? `from ${from.time.slice(0, 5)}` : '';
  const ends = to.day === day ? `until ${to.time.slice(0, 5)}` : '';
  return [begins, ends].filter(Boolean).join(' ') || null;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
