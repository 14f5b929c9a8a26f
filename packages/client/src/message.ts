import { newSendRequest, newTemplate, type OnDoubt, type SendRequest } from '@whatsapp-stream/schemas';
import type { Region } from './phone-number.ts';

/** The trace that a message belongs to (W3C Trace Context and Baggage); comes back on its status events. */
export interface TraceContext {
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
  readonly baggage?: string | undefined;
}

/** An approved template and its parameters, in order. */
export interface MessageTemplate {
  readonly name: string;
  /** The language that the template is approved in. */
  readonly langCode: string;
  readonly headerParams?: readonly string[] | undefined;
  readonly bodyParams?: readonly string[] | undefined;
  /** The parameter in the URL of the template's button. */
  readonly buttonUrlParam?: string | null | undefined;
}

/** A message to be sent. */
export interface NewMessage {
  /** The lane by its name (`otp`) or its topic. */
  readonly lane: string;
  /**
   * The dedupe key, and the key of everything that follows: 1 to 128 characters of `A-Z a-z 0-9 . _ : -`. Made when
   * it is not given; then only this process knows that a second try is the same message.
   */
  readonly messageId?: string | undefined;
  /** The recipient: E.164 digits without `+`, or with a region what people write. */
  readonly msisdn: string;
  /** How `msisdn` is to be read, instead of the publisher's own; null for E.164 digits alone. */
  readonly defaultRegion?: Region | null | undefined;
  readonly template: MessageTemplate;
  /** Never sent at or after this moment, a `Date` or ms since 1970. Not given, it does not expire. */
  readonly expiresAt?: Date | number | null | undefined;
  /** When it was asked for, a `Date` or ms since 1970; now when not given. */
  readonly requestedAt?: Date | number | undefined;
  /** The publishing domain, when it is not that of the publisher. */
  readonly source?: string | undefined;
  /** What to do when it cannot be known whether the provider took the message: what the lane does, unless given. */
  readonly onDoubt?: OnDoubt | undefined;
  /** Comes back untouched on the status events. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Instead of the active OpenTelemetry context. */
  readonly trace?: TraceContext | undefined;
}

/** What a message leaves open, or is known of it beside. */
export interface MessageDefaults {
  readonly messageId: string;
  readonly nowMs: number;
  readonly source: string;
  /** As E.164 digits. */
  readonly msisdn: string;
}

/** @returns the request with everything filled in, of a message without faults */
export function requestOf(message: NewMessage, defaults: MessageDefaults): SendRequest {
  const { template, expiresAt, onDoubt = 'LANE_DEFAULT', metadata = {} } = message;
  return newSendRequest({
    message_id: message.messageId ?? defaults.messageId,
    msisdn: defaults.msisdn,
    template: newTemplate({
      name: template.name,
      lang_code: template.langCode,
      header_params: template.headerParams ?? [],
      body_params: template.bodyParams ?? [],
      button_url_param: template.buttonUrlParam ?? null,
    }),
    requested_at: msOf(message.requestedAt ?? defaults.nowMs),
    expires_at: expiresAt === undefined || expiresAt === null ? null : msOf(expiresAt),
    source: message.source ?? defaults.source,
    on_doubt: onDoubt,
    metadata,
  });
}

function msOf(time: Date | number): number {
  return Number(time);
}
