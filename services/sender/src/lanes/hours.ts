/** From when until when something may be done each day, by the clocks of one time zone. */
export interface Hours {
  /** Minutes after midnight, 0 to 1439; included. */
  readonly from: number;
  /** The same; not included. Before `from`: on the following day. */
  readonly until: number;
  /** What the zone's clocks show, in minutes after midnight. @param now ms since the epoch */
  readonly minuteOfDay: (now: number) => number;
}

const MINUTE_MS = 60_000;

/**
 * @param zone of the IANA time zone database, as `Asia/Jakarta`
 * @throws RangeError when the zone is not known
 */
export function createHours(from: number, until: number, zone: string): Hours {
  return { from, until, minuteOfDay: clockOf(zone) };
}

/**
 * Where clocks are put forward, hours that are skipped do not come that day; where they are put back, those that
 * are repeated count twice.
 * @param now ms since the epoch
 */
export function isWithin({ from, until, minuteOfDay }: Hours, now: number): boolean {
  const minute = minuteOfDay(now);
  return from < until ? minute >= from && minute < until : minute >= from || minute < until;
}

/** Asked often, it looks the time up once a minute: zones differ, and are changed, by whole minutes. */
function clockOf(zone: string): (now: number) => number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  let known = { minute: Number.NaN, shown: 0 };
  return (now) => {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== known.minute) {
      const [hours, minutes] = format.format(minute * MINUTE_MS).split(':');
      known = { minute, shown: Number(hours) * 60 + Number(minutes) };
    }
    return known.shown;
  };
}
