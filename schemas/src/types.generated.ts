// Generated from schemas/avro/*.avsc by `npm run generate`. Do not edit.

/** An approved template and its parameters. */
export interface Template {
  /** The approved name of the template. */
  readonly name: string;
  /** The language that the template is approved in. */
  readonly lang_code: string;
  /** Parameters of the header, in order. */
  readonly header_params: readonly string[];
  /** Parameters of the body, in order. */
  readonly body_params: readonly string[];
  /** The parameter in the URL of the template's button. */
  readonly button_url_param: string | null;
}

/** What must be given of a `Template`, and what may be. */
export type NewTemplate = Pick<Template, 'name' | 'lang_code'> & Partial<Template>;

/** @returns a `Template` with the schema's defaults for what is not given */
export function newTemplate(fields: NewTemplate): Template {
  return {
    header_params: [],
    body_params: [],
    button_url_param: null,
    ...fields,
  };
}

/** The symbols of `OnDoubt`, in the order of the schema. */
export const ON_DOUBT_SYMBOLS = [
  'LANE_DEFAULT',
  'RESEND',
  'HOLD',
] as const;

/** What to do when it cannot be known whether Verihubs took the message: what the lane does (otp resends, the others hold), send it again, or hold it for a person or the publisher to decide. */
export type OnDoubt = (typeof ON_DOUBT_SYMBOLS)[number];

/** A WhatsApp message that another domain asks us to send. Key of the record: message_id. */
export interface SendRequest {
  /** Chosen by the publisher, unique: the dedupe key, and the key of everything that follows. 1 to 128 characters of A-Z a-z 0-9 . _ : - */
  readonly message_id: string;
  /** The recipient: E.164 digits without +, 6 to 15 digits, not starting with 0. */
  readonly msisdn: string;
  /** The approved template and its parameters. Other kinds of content join as further nullable fields; exactly one of them is set. */
  readonly template: Template | null;
  /** When the publishing domain asked for it. In ms since 1970. */
  readonly requested_at: number;
  /** Never sent at or after this moment; null when it does not expire. In ms since 1970. */
  readonly expires_at: number | null;
  /** The publishing domain. */
  readonly source: string;
  /** What to do when it cannot be known whether Verihubs took the message. */
  readonly on_doubt: OnDoubt;
  /** Returned untouched on the sender's status events. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What must be given of a `SendRequest`, and what may be. */
export type NewSendRequest = Pick<SendRequest, 'message_id' | 'msisdn' | 'requested_at'> & Partial<SendRequest>;

/** @returns a `SendRequest` with the schema's defaults for what is not given */
export function newSendRequest(fields: NewSendRequest): SendRequest {
  return {
    template: null,
    expires_at: null,
    source: "",
    on_doubt: "LANE_DEFAULT",
    metadata: {},
    ...fields,
  };
}

/** The symbols of `Status`, in the order of the schema. */
export const STATUS_SYMBOLS = [
  'ATTEMPTED',
  'ACCEPTED',
  'RETRYING',
  'IN_DOUBT',
  'REFUSED',
  'EXPIRED',
  'CANCELLED',
  'GAVE_UP',
  'REQUESTED',
  'SENT',
  'DELIVERED',
  'READ',
  'FAILED',
  'REQUEST_ERROR',
  'REJECTED',
  'BLOCKED',
  'TIER_LIMIT_EXCEEDED',
  'INVALID_DATA',
  'UNKNOWN',
] as const;

/** What happened. A symbol that a reader does not know is read as UNKNOWN. */
export type Status = (typeof STATUS_SYMBOLS)[number];

/** The symbols of `Origin`, in the order of the schema. */
export const ORIGIN_SYMBOLS = [
  'UNKNOWN',
  'SENDER',
  'CALLBACK',
] as const;

/** Who learned it. */
export type Origin = (typeof ORIGIN_SYMBOLS)[number];

/** One thing that happened to a message. Key of the record: message_id, or session_id when the message is not known. Events come duplicated and out of order. */
export interface StatusEvent {
  /** The same fact always gets the same id, so that a consumer may dedupe by it. */
  readonly event_id: string;
  /** Our id of the message; null when not known. */
  readonly message_id: string | null;
  /** Verihubs' id of the message; null when not known. */
  readonly session_id: string | null;
  /** What happened. */
  readonly status: Status;
  /** Verihubs' own number of the status, also when we have no name for it. */
  readonly provider_code: number | null;
  /** Who learned it. */
  readonly origin: Origin;
  /** Which attempt it speaks of, from 1; 0 when none or not known. */
  readonly attempt: number;
  /** Names one call for ever: the attempt's number and the process that made it. Two replicas never share one. */
  readonly attempt_id: string | null;
  /** When it was learned. In ms since 1970. */
  readonly occurred_at: number;
  /** HTTP status of the call to Verihubs. */
  readonly http_status: number | null;
  /** For people: why refused, failed, expired, retried, in doubt. Never a phone number. */
  readonly reason: string | null;
  /** With RETRYING: when it will be tried again. In ms since 1970. */
  readonly retry_at: number | null;
  /** Whether Verihubs charges for it, by its own table; null when not known. */
  readonly charged: boolean | null;
  /** The lane of the request, where known. */
  readonly lane: string | null;
  /** The publishing domain, copied from the request where known. */
  readonly source: string | null;
  /** The name of the template, copied from the request where known. */
  readonly template_name: string | null;
  /** Keyed hash of the msisdn (HMAC-SHA-256, base64url of the first 16 bytes), when a key is configured. */
  readonly recipient: string | null;
  /** false: came by an unsigned callback. */
  readonly verified: boolean;
  /** Copied from the request. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What must be given of a `StatusEvent`, and what may be. */
export type NewStatusEvent = Pick<StatusEvent, 'event_id' | 'status' | 'origin' | 'occurred_at'> & Partial<StatusEvent>;

/** @returns a `StatusEvent` with the schema's defaults for what is not given */
export function newStatusEvent(fields: NewStatusEvent): StatusEvent {
  return {
    message_id: null,
    session_id: null,
    provider_code: null,
    attempt: 0,
    attempt_id: null,
    http_status: null,
    reason: null,
    retry_at: null,
    charged: null,
    lane: null,
    source: null,
    template_name: null,
    recipient: null,
    verified: true,
    metadata: {},
    ...fields,
  };
}
