import {
  faultsOf,
  laneOf,
  type NewSendRequest,
  type NewTemplate,
  newSendRequest,
  newTemplate,
  type SendRequest,
} from '@whatsapp-stream/schemas';

/** The trace that a message belongs to (W3C Trace Context and Baggage); comes back on its status events. */
export interface TraceContext {
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
  readonly baggage?: string | undefined;
}

/** A message to be sent: the fields of a `SendRequest`, of which some are made when they are not given. */
export type NewMessage = Omit<Partial<NewSendRequest>, 'msisdn' | 'template'> & {
  /** The lane by its name (`otp`) or its topic. */
  readonly lane: string;
  readonly msisdn: string;
  readonly template: NewTemplate;
  readonly trace?: TraceContext | undefined;
};

/** What a message leaves open. */
export interface MessageDefaults {
  readonly messageId: string;
  readonly nowMs: number;
  readonly source: string;
}

/** @returns the request with everything filled in; not yet checked */
export function requestOf(message: NewMessage, defaults: MessageDefaults): SendRequest {
  const { lane: _, trace: __, template, ...fields } = message;
  return newSendRequest({
    ...fields,
    message_id: message.message_id ?? defaults.messageId,
    requested_at: message.requested_at ?? defaults.nowMs,
    source: message.source ?? defaults.source,
    template: newTemplate(template),
  });
}

/** @returns the lane's topic, or undefined when there is no such lane */
export function topicOfLane(lane: string, lanes: readonly string[]): string | undefined {
  return lanes.find((topic) => topic === lane || laneOf(topic) === lane);
}

/**
 * Tells everything that makes a message unfit to be published.
 * @param lanes the lanes' topics
 * @returns one sentence for each fault; none contains the number or a parameter of the template
 */
export function faultsOfMessage(message: NewMessage, lanes: readonly string[]): readonly string[] {
  const faults = [
    ...faultsOf(requestOf(message, { messageId: 'made-when-published', nowMs: 0, source: '' })),
  ];
  if (topicOfLane(message.lane, lanes) === undefined) {
    faults.unshift(`lane ${JSON.stringify(message.lane)} is none of ${lanes.map(laneOf).join(', ')}`);
  }
  return faults;
}
