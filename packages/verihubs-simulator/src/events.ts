/** Times named `…Ms` count from the start of the simulator's process, on its monotonic clock, with fractions. */

/** One request, written when it was decided what becomes of it, before it is answered. */
export type RequestEvent = {
  readonly type: 'request';
  /** Order of arrival, from 1. Events are written in the order of decision. */
  readonly seq: number;
  /** When the head of the request had been read. */
  readonly receivedMs: number;
  /** The same moment for people, ISO 8601. */
  readonly at: string;
  /** The status that it is answered with; null for a request that gets no answer. */
  readonly status: number | null;
  /** Whether the message was taken: will be delivered, is charged, is called back. */
  readonly taken: boolean;
  /** What the rate limit said; null for a request that did not get so far. */
  readonly withinLimit: boolean | null;
  readonly reason: string;
  readonly sessionId: string | null;
  /** The next ones are null when the body was not valid. */
  readonly fingerprint: string | null;
  readonly msisdnHash: string | null;
  /** The number itself, for sandbox numbers only. */
  readonly msisdn: string | null;
  readonly templateName: string | null;
  readonly callbackUrl: string | null;
};

/** One callback, or one try of it, written when it has ended. */
export type CallbackEvent = {
  readonly type: 'callback';
  readonly sentMs: number;
  readonly at: string;
  readonly tookMs: number;
  readonly sessionId: string;
  readonly code: number;
  readonly duplicate: boolean;
  /** From 1; above 1 for a retry. */
  readonly attempt: number;
  /** Whether no retry follows. */
  readonly final: boolean;
  /** `lost`: by the plan, it was never made. `failed`: no answer. */
  readonly result: 'answered' | 'failed' | 'lost';
  readonly status: number | null;
  readonly error: string | null;
};

/** Something that a person or a test did to the simulator. */
export type ControlEvent = {
  readonly type: 'control';
  readonly at: string;
  readonly atMs: number;
  readonly what: 'start' | 'reset' | 'faults' | 'callbacks' | 'limit' | 'stop';
  readonly details: Readonly<Record<string, unknown>>;
};

export type SimulatorEvent = RequestEvent | CallbackEvent | ControlEvent;
