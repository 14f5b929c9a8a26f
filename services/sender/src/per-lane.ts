import { z } from 'zod';

/** A time that holds for all lanes, but for those that are named. */
export interface PerLaneMs {
  of(lane: string): number;
  /** The lanes that have a time of their own. */
  readonly named: readonly string[];
}

const SHAPE = /^(\d+)((?:,[^,:\s]+:\d+)*)$/;

/** Reads `30000` or `30000,otp:20000,marketing:60000`, in ms, each from `min` to `max`. */
export function perLaneMs(min: number, max: number): z.ZodType<PerLaneMs, string> {
  return z
    .string()
    .regex(SHAPE, 'must be a time in ms, then those of single lanes, as 30000,otp:20000')
    .transform((text) => {
      const [all = '', ...named] = text.split(',');
      const byLane = new Map(
        named.map((item) => {
          const [lane = '', ms] = item.split(':');
          return [lane, Number(ms)] as const;
        }),
      );
      return { all: Number(all), byLane, twice: byLane.size < named.length };
    })
    .refine(({ twice }) => !twice, { error: 'names a lane twice' })
    .refine(({ all, byLane }) => [all, ...byLane.values()].every((ms) => ms >= min && ms <= max), {
      error: `must be from ${min} to ${max}`,
    })
    .transform(({ all, byLane }) => ({
      of: (lane: string) => byLane.get(lane) ?? all,
      named: [...byLane.keys()],
    }));
}
