import type { SendRequest } from '@whatsapp-stream/schemas';

/** What is done with a message when the grace time has brought no word of its attempt. */
export type DoubtPolicy = 'RESEND' | 'HOLD';

/** Lanes whose messages are sent again out of doubt unless the request says otherwise: a late code is no code. */
const RESENDING_LANES: ReadonlySet<string> = new Set(['otp']);

/** A message is not sent out of doubt without end: after as many doubtful attempts it is held, whatever was wished. */
export const MAX_DOUBTS = 3;

export interface Doubt {
  /** How many of the message's attempts may have been taken. */
  readonly doubts: number;
  /** The lane of the request that the latest of them was made for; null where the log does not say. */
  readonly attemptedIn: string | null;
}

/**
 * The request's own wish, else the lane's. Of an attempt that was made for another request under the same id, in
 * another lane, the wish is not known: it is not sent again.
 */
export function doubtPolicy(request: SendRequest, lane: string, { doubts, attemptedIn }: Doubt): DoubtPolicy {
  if (doubts >= MAX_DOUBTS || (attemptedIn ?? lane) !== lane) return 'HOLD';
  if (request.on_doubt !== 'LANE_DEFAULT') return request.on_doubt;
  return RESENDING_LANES.has(lane) ? 'RESEND' : 'HOLD';
}
