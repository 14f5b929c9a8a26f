/** Moments as people of one time zone read them. */
export interface ZoneClock {
  readonly timeZone: string;
  /** The parts of a moment. */
  read(ms: number): LocalTime;
  /** `2026-11-01 14:05:09` */
  show(ms: number): string;
  /** `GMT+7`; it may change within a year. */
  offset(ms: number): string;
}

export interface LocalTime {
  /** `2026-11-01` */
  readonly day: string;
  /** 0 to 23 */
  readonly hour: number;
  readonly minute: number;
  /** `14:05:09` */
  readonly time: string;
}

/** Whether this is a time zone: `Asia/Jakarta`, `UTC`, `+05:30`. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** @throws RangeError for what is no time zone */
export function zoneClock(timeZone: string): ZoneClock {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const named = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' });
  const read = (ms: number): LocalTime => {
    const found = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes) => found.get(type) ?? '';
    return {
      day: `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`,
      hour: Number(part('hour')),
      minute: Number(part('minute')),
      time: `${part('hour')}:${part('minute')}:${part('second')}`,
    };
  };
  return {
    timeZone,
    read,
    show(ms) {
      const { day, time } = read(ms);
      return `${day} ${time}`;
    },
    offset: (ms) => named.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? '',
  };
}

const weekdays = new Intl.DateTimeFormat('en', { timeZone: 'UTC', weekday: 'short' });

/** @param day `2026-11-01` @returns `Sun` */
export function weekdayOf(day: string): string {
  return weekdays.format(new Date(`${day}T00:00:00Z`));
}
