import { type CallbackClaims, signToken } from '@whatsapp-stream/callback-token';
import { admit } from './admission/admit.ts';
import { createDelivery } from './delivery/delivery.ts';
import { sendMessageRequest } from './delivery/verihubs.ts';
import { deadLetterOf } from './intake/dead-letter.ts';
import { createRequestDecoder } from './intake/decode.ts';
import type { Rooms } from './journey.ts';
import { type Fact, senderEvent, senderHeaders } from './ledger/events.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { StatusLog } from './ledger/status-log.ts';
import type { Writer } from './ledger/writer.ts';
import type { Message } from './message.ts';
import type { Circuit } from './pacing/circuit.ts';
import type { Gates } from './pacing/gates.ts';
import type { SendingOptions } from './sending.ts';

export interface RoomsOptions extends SendingOptions {
  readonly writer: Pick<Writer, 'deadLetter'>;
  readonly circuit: Circuit;
  readonly ledger: Ledger;
  readonly statusLog: Pick<StatusLog, 'heard'>;
  readonly gates: Gates;
  /** Aborted when the term ends. */
  readonly over: AbortSignal;
  /** Whether this process is surely the active sender at this moment. */
  readonly isActive: () => boolean;
}

/** W3C Trace Context, 3.2. Anything else could make the callback's URL too long. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Furnishes the way of a record (`journey.ts`) with what is real. */
export function createRooms(options: RoomsOptions): Omit<Rooms, 'claim'> {
  const { config, metrics, ledger, clock, log, over, writer } = options;
  const decode = createRequestDecoder(options.requestDecoder, clock, log);
  const credentials = { appId: config.VERIHUBS_APP_ID, apiKey: config.VERIHUBS_API_KEY };
  const [signingKey] = config.CALLBACK_SIGNING_KEYS;

  async function tell(message: Message, fact: Fact): Promise<boolean> {
    const event = senderEvent(message, fact, config.RECIPIENT_HASH_KEY, clock.now());
    if (!(await ledger.write(event, senderHeaders(message, event)))) return false;
    metrics.events.inc({ lane: message.lane, status: fact.status });
    return true;
  }

  function callbackUrl(message: Message, attempt: number, attemptId: string): string {
    const { traceparent } = message.record.headers;
    const claims: CallbackClaims = {
      messageId: message.request.message_id,
      attempt,
      attemptId,
      issuedAtMs: clock.now(),
      ...(traceparent !== undefined && TRACEPARENT.test(traceparent) ? { traceparent } : {}),
    };
    return `${config.CALLBACK_BASE_URL}/callbacks/${signToken(signingKey, claims)}`;
  }

  return {
    decode: (record) => decode(record, over),
    async deadLetter(record, code, text) {
      if (!(await writer.deadLetter(deadLetterOf(record, config.DLQ_TOPIC, code, text)))) return 'left';
      const { topic, partition, offset } = record;
      log.warn({ topic, partition, offset, reason: code }, `put aside: ${text}`);
      metrics.deadLetters.inc({ reason: code });
      return 'done';
    },
    admit(message, unknownFields) {
      const { request, content } = message;
      const standing = ledger.standing(request.message_id);
      const admission = admit({ request, unknownFields, standing, now: clock.now() });
      if (admission.kind !== 'known' && admission.kind !== 'newer') {
        ledger.noteContent(request.message_id, content);
      }
      return admission;
    },
    passOver(message) {
      metrics.known.inc({ lane: message.lane });
      const first = ledger.contentOf(message.request.message_id);
      if (first !== null && first !== message.content) {
        const { topic, partition, offset } = message.record;
        metrics.conflicting.inc({ lane: message.lane });
        log.warn(
          { topic, partition, offset },
          'a message_id came again with other content: the first one counts',
        );
      }
      return 'done';
    },
    delivery: createDelivery({
      gates: options.gates,
      circuit: options.circuit,
      ledger,
      tell,
      call(message, attempt, attemptId, mayLeave) {
        if (attempt === 1) {
          metrics.waitSeconds.observe(
            { lane: message.lane },
            (clock.now() - message.record.timestamp) / 1_000,
          );
        }
        const url = callbackUrl(message, attempt, attemptId);
        return options.caller.post(sendMessageRequest(message.request, url, credentials), mayLeave);
      },
      attemptId: (attempt) => `${attempt}.${options.processId}`,
      doubtGraceMs: (lane) => config.DOUBT_GRACE_MS.of(lane),
      heard: () => options.statusLog.heard(over),
      over,
      isActive: options.isActive,
      clock,
      random: Math.random,
      observe: {
        called(message, outcome, result) {
          metrics.calls.inc({ lane: message.lane, outcome });
          if (result.kind === 'answered') metrics.callSeconds.observe(result.tookMs / 1_000);
        },
        resent: (message) => metrics.resends.inc({ lane: message.lane }),
        circuitOpened: (reason, holdMs) => log.error({ reason, holdMs }, 'sending is held back'),
        circuitClosed: () => log.info('sending goes on'),
      },
    }),
  };
}
