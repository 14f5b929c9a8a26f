import { z } from 'zod';

/** The shares of the lanes, as people set them: whole numbers that `createShares` brings to one slot together. */
export interface LaneShares {
  /** 0 for a lane that has none. */
  of(lane: string): number;
  /** The lanes that were named; null for the usual shares, which fit any lanes. */
  readonly named: readonly string[] | null;
}

const USUAL = new Map([
  ['otp', 50],
  ['transactional', 30],
  ['marketing', 20],
]);
const USUAL_OTHER = 20;

const WHOLE = 100;
const ITEM = /^([^:\s]+):(\d+)$/;

/** Reads `otp:50,transactional:30,marketing:20`, in whole per cent, or `usual`; tells every fault. */
export function laneShares(): z.ZodType<LaneShares, string> {
  return z.string().transform((text, context) => {
    if (text.trim() === 'usual') return { of: (lane) => USUAL.get(lane) ?? USUAL_OTHER, named: null };
    const items = text.split(',').map((item) => ITEM.exec(item.trim()));
    const shares = items.flatMap((item) => (item ? [{ lane: item[1] ?? '', share: Number(item[2]) }] : []));
    const faults =
      shares.length < items.length
        ? ['must be usual, or shares of lanes in per cent, as otp:50,transactional:30,marketing:20']
        : faultsOf(shares);
    for (const message of faults) context.addIssue({ code: 'custom', message });
    if (faults.length > 0) return z.NEVER;
    const byLane = new Map(shares.map(({ lane, share }) => [lane, share]));
    return { of: (lane) => byLane.get(lane) ?? 0, named: [...byLane.keys()] };
  });
}

function faultsOf(shares: readonly { readonly lane: string; readonly share: number }[]): readonly string[] {
  const lanes = shares.map(({ lane }) => lane);
  const twice = new Set(lanes.filter((lane, i) => lanes.indexOf(lane) !== i));
  const sum = shares.reduce((total, { share }) => total + share, 0);
  return [
    ...[...twice].map((lane) => `names ${lane} twice`),
    ...shares.flatMap(({ lane, share }) => (share < 1 ? [`${lane} must have 1 or more`] : [])),
    ...(sum === WHOLE ? [] : [`must be ${WHOLE} together, not ${sum}`]),
  ];
}

/** @param lanes the names of the lanes that there are */
export function laneShareFaults({ named }: LaneShares, lanes: readonly string[]): readonly string[] {
  if (named === null) return [];
  return [
    ...named
      .filter((lane) => !lanes.includes(lane))
      .map((lane) => `LANE_SHARES names ${lane}, which is no lane of SEND_TOPICS (${lanes.join(', ')})`),
    ...lanes
      .filter((lane) => !named.includes(lane))
      .map((lane) => `LANE_SHARES gives no share to ${lane}, a lane of SEND_TOPICS`),
  ];
}
