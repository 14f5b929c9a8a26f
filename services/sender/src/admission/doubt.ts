import type { SendRequest } from '@whatsapp-stream/schemas';

/** What is done with a message when the grace time has brought no word of its attempt. */
export type DoubtPolicy = 'RESEND' | 'HOLD';

/** Lanes whose messages are sent again out of doubt unless the request says otherwise: a late code is no code. */
const RESENDING_LANES: ReadonlySet<string> = new Set(['otp']);

/** A message is not sent out of doubt without end: after as many doubtful attempts it is held, whatever was wished. */
export const MAX_DOUBTS = 3;

/**
 * The request's own wish, else the lane's.
 * @param doubts how many of its attempts may have been taken
 */
export function doubtPolicy(request: SendRequest, lane: string, doubts: number): DoubtPolicy {
  if (doubts >= MAX_DOUBTS) return 'HOLD';
  if (request.on_doubt !== 'LANE_DEFAULT') return request.on_doubt;
  return RESENDING_LANES.has(lane) ? 'RESEND' : 'HOLD';
}
