import { z } from 'zod';
import { createHours, type Hours, isWithin } from './hours.ts';

/** When the lanes may send, as people set it. */
export interface SendingHours {
  /** True at any time for a lane that has no hours. @param now ms since the epoch */
  readonly isWithin: (lane: string, now: number) => boolean;
  /** The lanes that have hours. */
  readonly named: readonly string[];
}

/** What is read of one lane; `hours` only if there are no faults. */
interface Item {
  readonly lane: string;
  readonly hours?: Hours;
  readonly faults: readonly string[];
}

const ITEM = /^([^:\s]+)\s*:\s*(\d+:\d+)\s*-\s*(\d+:\d+)\s+(\S+)$/;
const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;

/**
 * Reads `marketing: 08:00-20:00 Asia/Jakarta; transactional: 06:00-23:30 Asia/Jakarta`, or `always`; tells every
 * fault. Hours may go over midnight, as 20:00-02:00.
 */
export function sendingHours(): z.ZodType<SendingHours, string> {
  return z.string().transform((text, context) => {
    const items = text.trim() === 'always' ? [] : text.split(';').map(readItem);
    const lanes = items.map(({ lane }) => lane);
    const twice = new Set(lanes.filter((lane, i) => lane !== '' && lanes.indexOf(lane) !== i));
    const faults = [
      ...items.flatMap((item) => item.faults),
      ...[...twice].map((lane) => `names ${lane} twice`),
    ];
    for (const message of faults) context.addIssue({ code: 'custom', message });
    if (faults.length > 0) return z.NEVER;
    const byLane = new Map(items.flatMap(({ lane, hours }) => (hours ? [[lane, hours] as const] : [])));
    return {
      isWithin: (lane, now) => {
        const hours = byLane.get(lane);
        return hours === undefined || isWithin(hours, now);
      },
      named: [...byLane.keys()],
    };
  });
}

function readItem(text: string): Item {
  const [whole, lane = '', start = '', end = '', zone = ''] = ITEM.exec(text.trim()) ?? [];
  if (whole === undefined) {
    const wanted = 'must be always, or as marketing: 08:00-20:00 Asia/Jakarta; otp: 06:00-23:30 Asia/Jakarta';
    return { lane, faults: [wanted] };
  }
  const [from, until] = [minuteOf(start), minuteOf(end)];
  const faults = [start, end]
    .filter((time) => minuteOf(time) === undefined)
    .map((time) => `${lane}: ${time} is no time from 00:00 to 23:59`);
  if (!isZone(zone)) faults.push(`${lane}: ${zone} is no time zone that is known here`);
  if (from !== undefined && from === until) faults.push(`${lane}: starts and ends at ${start}`);
  if (from === undefined || until === undefined || faults.length > 0) return { lane, faults };
  return { lane, hours: createHours(from, until, zone), faults };
}

function minuteOf(time: string): number | undefined {
  const match = TIME.exec(time);
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined;
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** @param lanes the names of the lanes that there are */
export function sendingHoursFaults({ named }: SendingHours, lanes: readonly string[]): readonly string[] {
  return named
    .filter((lane) => !lanes.includes(lane))
    .map((lane) => `SENDING_HOURS names ${lane}, which is no lane of SEND_TOPICS (${lanes.join(', ')})`);
}
