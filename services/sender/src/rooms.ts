import { type CallbackClaims, signToken } from '@whatsapp-stream/callback-token';
import { redriveSuffix } from '@whatsapp-stream/schemas';
import { admit } from './admission/admit.ts';
import type { CredentialSource } from './delivery/credentials.ts';
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
import type { Gates } from './pacing/gates.ts';
import { retryAfterMs } from './pacing/retry.ts';
import type { Original, Originals } from './redrive/originals.ts';
import type { SendingOptions } from './sending.ts';
import type { Traffic } from './traffic.ts';

export interface RoomsOptions extends SendingOptions {
  readonly writer: Pick<Writer, 'deadLetter'>;
  readonly traffic: Traffic;
  readonly credentials: Pick<CredentialSource, 'current'>;
  readonly originals: Pick<Originals, 'keep'>;
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
  const { config, metrics, ledger, traffic, clock, log, over, writer } = options;
  const decode = createRequestDecoder(options.requestDecoder, clock, log);
  const [signingKey] = config.CALLBACK_SIGNING_KEYS;

  function attemptIdOf({ redrive }: Message, attempt: number): string {
    const own = `${attempt}.${options.processId}`;
    return redrive ? `${own}.${redriveSuffix(redrive.of)}` : own;
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
      const letter = deadLetterOf(record, config.DLQ_TOPIC, code, text);
      if (!(await writer.deadLetter(letter, over))) return 'left';
      const { topic, partition, offset } = record;
      log.warn({ topic, partition, offset, reason: code }, `put aside: ${text}`);
      metrics.deadLetters.inc({ reason: code });
      return 'done';
    },
    admit(message, unknownFields) {
      const { request, unit, redrive, content } = message;
      const admission = admit({
        request,
        unknownFields,
        standing: ledger.standing(unit),
        redrive,
        mayBeTaken: redrive !== null && ledger.mayBeTaken(request.message_id, unit),
        cancelled: traffic.cancelled(message),
        blocked: traffic.blockedBecause(message),
        now: clock.now(),
      });
      if (admission.kind !== 'known' && admission.kind !== 'newer') ledger.noteContent(unit, content);
      return admission;
    },
    passOver(message) {
      metrics.known.inc({ lane: message.lane });
      const first = ledger.contentOf(message.unit);
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
      circuit: traffic.circuit,
      ledger,
      tell: tellVia(options, ledger),
      objection: traffic.objection,
      call(message, attempt, attemptId, mayLeave) {
        if (attempt === 1) {
          metrics.waitSeconds.observe(
            { lane: message.lane },
            (clock.now() - message.record.timestamp) / 1_000,
          );
        }
        options.originals.keep(message);
        const url = callbackUrl(message, attempt, attemptId);
        const request = sendMessageRequest(message.request, url, options.credentials.current());
        return options.caller.post(request, mayLeave);
      },
      attemptId: attemptIdOf,
      doubtGraceMs: (lane) => config.DOUBT_GRACE_MS.of(lane),
      heard: () => options.statusLog.heard(over),
      over,
      isActive: options.isActive,
      clock,
      random: Math.random,
      observe: {
        called(message, outcome, result) {
          metrics.calls.inc({ lane: message.lane, outcome });
          if (result.kind !== 'answered') return;
          metrics.callSeconds.observe(result.tookMs / 1_000);
          const now = clock.monotonic();
          if (result.httpStatus === 409) traffic.blocked.block(traffic.recipientOf(message), now);
          if (result.httpStatus !== 429) return;
          traffic.tooFast('too many requests', now, now - result.tookMs);
          const afterMs = retryAfterMs(result.retryAfter, clock.now());
          if (afterMs !== null) traffic.regulator.retryAfter(now + afterMs);
        },
        resent: (message) => metrics.resends.inc({ lane: message.lane }),
        circuitOpened: (reason, holdMs) => log.error({ reason, holdMs }, 'sending is held back'),
        circuitClosed: () => log.info('sending goes on'),
      },
    }),
  };
}

/** Writes a status event of a message, and takes note of it. @returns false if stopped before it was acknowledged */
export function tellVia(
  { config, metrics, clock }: Pick<SendingOptions, 'config' | 'metrics' | 'clock'>,
  ledger: Pick<Ledger, 'write'>,
): (message: Original, fact: Fact) => Promise<boolean> {
  return async (message, fact) => {
    const event = senderEvent(message, fact, config.RECIPIENT_HASH_KEY, clock.now());
    if (!(await ledger.write(event, senderHeaders(message, event)))) return false;
    metrics.events.inc({ lane: message.lane, status: fact.status });
    return true;
  };
}
