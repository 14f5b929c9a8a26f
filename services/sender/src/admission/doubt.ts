import type { SendRequest } from '@whatsapp-stream/schemas';

/** What is done with a message when the grace time has brought no word of its attempt. */
export type DoubtPolicy = 'RESEND' | 'HOLD';

/** Lanes whose messages are sent again out of doubt unless the request says otherwise: a late code is no code. */
const RESENDING_LANES: ReadonlySet<string> = new Set(['otp']);

/** A message is not sent out of doubt without end: after as many attempts it is held, whatever was wished. */
export const MAX_ATTEMPTS_IN_DOUBT = 3;

/**
 * The request's own wish, else the lane's.
 * @param attempts how many were made
 */
export function doubtPolicy(request: SendRequest, lane: string, attempts: number): DoubtPolicy {
  if (attempts >= MAX_ATTEMPTS_IN_DOUBT) return 'HOLD';
  if (request.on_doubt !== 'LANE_DEFAULT') return request.on_doubt;
  return RESENDING_LANES.has(lane) ? 'RESEND' : 'HOLD';
}
