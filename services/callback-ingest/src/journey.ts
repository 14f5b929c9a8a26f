import type { Status } from '@whatsapp-stream/schemas';
import type { Authenticated, UnauthorizedReason } from './authenticate.ts';
import { decode, type MalformedReason, type RawCallback } from './decode.ts';
import type { Keeper, Recorded, UnavailableReason } from './record/recorder.ts';
import type { KnownCallback } from './record/status-event.ts';

/** A request to one of the callback routes. */
export interface ReceivedCallback extends RawCallback {
  /** What stands in the path; undefined on the route without a token. */
  readonly token: string | undefined;
}

/** How a callback ended. Only `accepted` may be answered 200: its event is safe. */
export type Outcome =
  | { readonly kind: 'accepted'; readonly status: Status; readonly keeper: Keeper }
  | { readonly kind: 'unauthorized'; readonly reason: UnauthorizedReason }
  | { readonly kind: 'malformed'; readonly reason: MalformedReason }
  | { readonly kind: 'unavailable'; readonly reason: UnavailableReason };

/** What the journey needs of the world. */
export interface JourneySteps {
  authenticate(token: string | undefined): Authenticated;
  /** Resolves once the event is safe, or it is clear that it is not known to be. */
  record(callback: KnownCallback): Promise<Recorded>;
}

/** The way of one callback: who speaks, what is said, is it kept, what is answered. */
export async function receive(steps: JourneySteps, callback: ReceivedCallback): Promise<Outcome> {
  const authenticated = steps.authenticate(callback.token);
  if (!authenticated.ok) return { kind: 'unauthorized', reason: authenticated.reason };

  const decoded = decode(callback);
  if (!decoded.ok) return { kind: 'malformed', reason: decoded.reason };

  const { caller } = authenticated;
  const { sessionId, code } = decoded;
  // A number that is no code is odd. Only from one who has proven who he is, is that worth keeping.
  if (code === null && !caller.signed) return { kind: 'malformed', reason: 'STATUS_INVALID' };

  const recorded = await steps.record({ caller, sessionId, code });
  if (!recorded.ok) return { kind: 'unavailable', reason: recorded.reason };

  return { kind: 'accepted', status: recorded.status, keeper: recorded.keeper };
}
