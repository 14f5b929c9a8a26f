import type { Appender, Headers, NewRecord } from '@whatsapp-stream/kafka';
import { KafkaWriteError } from '@whatsapp-stream/kafka';
import type { Encoder, StatusEvent } from '@whatsapp-stream/schemas';
import { type Clock, type Logger, sleep } from '@whatsapp-stream/service-kit';

/** Writes until Kafka has acknowledged, and to the end: what does not fit is written without what made it large. */
export interface Writer {
  /** @returns false if given up before it was acknowledged */
  status(event: StatusEvent, headers: Headers): Promise<boolean>;
  /**
   * Given up when the term is over: a topic that cannot be written must not keep the next one from beginning.
   * @returns false if given up before it was acknowledged
   */
  deadLetter(record: NewRecord, over: AbortSignal): Promise<boolean>;
  /** Appends a request to its lane once more. @returns false if given up before it was acknowledged */
  redrive(record: NewRecord): Promise<boolean>;
  /** Whether Kafka refuses or does not answer what is written into some topic at the moment. */
  struggling(): boolean;
  /** The same of the status log. */
  logStruggling(): boolean;
}

export interface WriterOptions {
  readonly appender: Pick<Appender, 'append'>;
  readonly statusTopic: string;
  readonly encoder: Pick<Encoder<StatusEvent>, 'encode'>;
  /** Aborted when a stop has waited long enough. */
  readonly givenUp: AbortSignal;
  /** A record that fits in no form; what it speaks of is passed over. */
  readonly onUnrecordable: (topic: string) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const RETRY_MS = 250;
/** Longer than any honest name of a domain or a template. */
const CLIPPED_CHARACTERS = 256;

export function createWriter(options: WriterOptions): Writer {
  const { appender, statusTopic, encoder, givenUp, onUnrecordable, clock, log } = options;
  /** How many records of each topic are refused, or not answered. */
  const failing = new Map<string, number>();
  const countFailing = (topic: string, more: number) => failing.set(topic, (failing.get(topic) ?? 0) + more);

  /** A write whose answer was lost is written again: it carries the same `event_id`. */
  async function append(
    record: NewRecord,
    until: AbortSignal = givenUp,
  ): Promise<'written' | 'too-large' | 'given-up'> {
    let failed = false;
    try {
      while (!until.aborted) {
        try {
          await appender.append(record);
          return 'written';
        } catch (error) {
          if (error instanceof KafkaWriteError && error.tooLarge) return 'too-large';
          if (!failed) countFailing(record.topic, 1);
          failed = true;
          log.warn({ err: error, topic: record.topic }, 'a record was not acknowledged, writing it again');
          await sleep(clock, RETRY_MS, until);
        }
      }
      return 'given-up';
    } finally {
      if (failed) countFailing(record.topic, -1);
    }
  }

  async function appendOr(
    record: NewRecord,
    smaller: () => NewRecord,
    until?: AbortSignal,
  ): Promise<boolean> {
    let result = await append(record, until);
    if (result === 'too-large') result = await append(smaller(), until);
    if (result !== 'too-large') return result === 'written';
    log.error(
      { topic: record.topic },
      'a record does not fit into its topic in any form: nothing is told of it',
    );
    onUnrecordable(record.topic);
    return true;
  }

  const statusRecord = (event: StatusEvent, headers: Headers): NewRecord => ({
    topic: statusTopic,
    key: event.message_id,
    value: encoder.encode(event),
    headers,
  });

  return {
    status: (event, headers) =>
      appendOr(statusRecord(event, headers), () => statusRecord(slim(event), withoutContext(headers))),
    deadLetter: (record, over) =>
      appendOr(
        record,
        () => ({
          ...record,
          value: null,
          headers: {
            ...record.headers,
            dlq_reason_text: `${record.headers?.['dlq_reason_text']}; its ${record.value?.length} bytes do not fit here and are left out`,
          },
        }),
        AbortSignal.any([givenUp, over]),
      ),
    async redrive(record) {
      const result = await append(record);
      if (result === 'too-large') onUnrecordable(record.topic);
      return result === 'written';
    },
    struggling: () => [...failing.values()].some((count) => count > 0),
    logStruggling: () => (failing.get(statusTopic) ?? 0) > 0,
  };
}

/** What the publisher gave can be of any size; what the event tells cannot do without the rest. */
function slim(event: StatusEvent): StatusEvent {
  return {
    ...event,
    metadata: {},
    source: event.source?.slice(0, CLIPPED_CHARACTERS) ?? null,
    template_name: event.template_name?.slice(0, CLIPPED_CHARACTERS) ?? null,
    reason: [event.reason, 'too large with its metadata, which is left out'].filter(Boolean).join('; '),
  };
}

function withoutContext({ traceparent: _, tracestate: __, baggage: ___, ...headers }: Headers): Headers {
  return headers;
}
