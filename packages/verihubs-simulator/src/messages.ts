import type { CallbackEvent, RequestEvent } from './events.ts';

/** One message that was taken, and how its callbacks stand. */
export type TakenMessage = {
  readonly sessionId: string;
  readonly receivedMs: number;
  readonly fingerprint: string;
  readonly msisdnHash: string;
  readonly msisdn: string | null;
  readonly templateName: string;
  readonly callbackUrl: string | null;
  readonly callbacks: {
    readonly state: 'none' | 'pending' | 'done';
    readonly planned: readonly number[];
    readonly results: readonly CallbackEvent[];
  };
};

export type TakenMessages = {
  /** Remembers a message that was taken; the oldest makes room when there are too many. */
  add(request: RequestEvent, plannedCodes: readonly number[]): void;
  callback(event: CallbackEvent): void;
  list(): readonly TakenMessage[];
  /** Among those kept: fingerprints taken more than once, and how many takings were too many. */
  duplicates(): { readonly messages: number; readonly extraTakings: number };
  forgotten(): number;
  clear(): void;
};

type Entry = {
  readonly request: RequestEvent;
  readonly planned: readonly number[];
  readonly results: CallbackEvent[];
};

/** The callbacks of one message, from what was planned and what has come of it. */
function callbacksOf({ planned, results }: Entry): TakenMessage['callbacks'] {
  const ended = results.filter((result) => result.final).length;
  const state = planned.length === 0 ? 'none' : ended < planned.length ? 'pending' : 'done';
  return { state, planned, results };
}

const describe = (sessionId: string, entry: Entry): TakenMessage => ({
  sessionId,
  receivedMs: entry.request.receivedMs,
  fingerprint: entry.request.fingerprint ?? '',
  msisdnHash: entry.request.msisdnHash ?? '',
  msisdn: entry.request.msisdn,
  templateName: entry.request.templateName ?? '',
  callbackUrl: entry.request.callbackUrl,
  callbacks: callbacksOf(entry),
});

/** The latest `capacity` messages that were taken. */
export function takenMessages(capacity: number): TakenMessages {
  const entries = new Map<string, Entry>();
  const takings = new Map<string, number>();
  let dropped = 0;
  let repeated = 0;
  let extra = 0;

  /** One taking more (+1) or less (−1) of a fingerprint. */
  function count(fingerprint: string, change: 1 | -1): void {
    const before = takings.get(fingerprint) ?? 0;
    const after = before + change;
    if (after === 0) takings.delete(fingerprint);
    else takings.set(fingerprint, after);
    repeated += Number(after > 1) - Number(before > 1);
    extra += Math.max(0, after - 1) - Math.max(0, before - 1);
  }

  function forgetOldest(): void {
    for (const [sessionId, entry] of entries) {
      entries.delete(sessionId);
      count(entry.request.fingerprint ?? '', -1);
      dropped += 1;
      return;
    }
  }

  return {
    add(request, planned) {
      if (request.sessionId === null) return;
      if (entries.size >= capacity) forgetOldest();
      entries.set(request.sessionId, { request, planned, results: [] });
      count(request.fingerprint ?? '', 1);
    },
    callback(event) {
      entries.get(event.sessionId)?.results.push(event);
    },
    list: () => [...entries].map(([sessionId, entry]) => describe(sessionId, entry)),
    duplicates: () => ({ messages: repeated, extraTakings: extra }),
    forgotten: () => dropped,
    clear() {
      entries.clear();
      takings.clear();
      dropped = 0;
      repeated = 0;
      extra = 0;
    },
  };
}
