import { topicOfLane } from '../check-message.ts';
import { isTime } from '../checks.ts';
import { InvalidRangeError } from '../errors.ts';
import { faultsOfWhere } from '../where.ts';
import type { ReplayOptions, Where } from './port.ts';

/** The moments of a range, in ms since the epoch. */
export interface Moments {
  readonly fromMs: number;
  /** Undefined for the end of the log. */
  readonly toMs: number | undefined;
}

/**
 * Looks at what is asked of a replay before anything is read.
 * @param lanes the topics of the lanes
 * @throws InvalidRangeError with every fault
 */
export function momentsOf(
  { from, to, where = {}, partitions = [] }: ReplayOptions,
  lanes: readonly string[],
  nowMs: number,
): Moments {
  const faults = [
    ...faultsOfTime(from, to, nowMs),
    ...faultsOfWhere(where, lanes),
    ...(areNumbers(partitions) ? [] : ['partitions must be an array of whole numbers']),
  ];
  if (faults.length > 0) throw new InvalidRangeError(faults);
  return { fromMs: Number(from), toMs: to === undefined ? undefined : Number(to) };
}

/** The lanes that are wanted, by their topics and in their order. */
export function lanesOf({ lane }: Where, lanes: readonly string[]): readonly string[] {
  if (lane === undefined) return lanes;
  const wanted = new Set(lane.map((name) => topicOfLane(name, lanes)));
  return lanes.filter((topic) => wanted.has(topic));
}

/** @throws InvalidRangeError when none of the topics has one of the partitions */
export function checkPartitions(wanted: readonly number[], known: ReadonlySet<number>): void {
  const missing = wanted.filter((partition) => !known.has(partition));
  if (missing.length === 0) return;
  const choices = `there are 0 to ${known.size - 1}`;
  throw new InvalidRangeError(missing.map((partition) => `there is no partition ${partition}; ${choices}`));
}

function faultsOfTime(from: unknown, to: unknown, nowMs: number): readonly string[] {
  const named = to === undefined ? { from } : { from, to };
  const faults = Object.entries(named).flatMap(([name, value]) =>
    isTime(value)
      ? []
      : [`${name} is ${shown(value)}: it must be a valid Date, or whole ms since 1970, such as ${nowMs}`],
  );
  if (faults.length > 0) return faults;
  if (Number(from) > nowMs) return [`from is in the future, ${shown(from)}: it is ${shown(nowMs)} now`];
  if (to !== undefined && Number(to) <= Number(from))
    return [`to, ${shown(to)}, must be later than from, ${shown(from)}`];
  return [];
}

const areNumbers = (value: unknown): boolean =>
  Array.isArray(value) && value.every((each) => Number.isSafeInteger(each));

const shown = (value: unknown): string => (isTime(value) ? new Date(value).toISOString() : String(value));
