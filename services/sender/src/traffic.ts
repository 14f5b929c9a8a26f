import type { Kafka } from '@whatsapp-stream/kafka';
import { laneOf } from '@whatsapp-stream/schemas';
import type { Clock, Logger } from '@whatsapp-stream/service-kit';
import { createBlockedRecipients } from './admission/blocked.ts';
import type { SenderConfig } from './config.ts';
import { followControl } from './control/follow-control.ts';
import type { Objection } from './delivery/uncalled.ts';
import { createDoors } from './lanes/doors.ts';
import { recipientHash } from './ledger/events.ts';
import type { Message } from './message.ts';
import type { SenderMetrics } from './metrics.ts';
import { createCircuit } from './pacing/circuit.ts';
import { createPace } from './pacing/pace.ts';
import { createRegulator, type LessonKind } from './pacing/regulator.ts';

export type Traffic = ReturnType<typeof createTraffic>;

export interface TrafficOptions {
  readonly config: SenderConfig;
  readonly kafka: Pick<Kafka, 'admin' | 'readTopic'>;
  readonly metrics: Pick<SenderMetrics, 'skippedControls'>;
  /** A lane has just been opened or closed. */
  readonly onDoorsChanged: () => void;
  readonly onFailed: (error: Error) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export const LONGEST_HOLD_MS = 60_000;
const FULL_RATE_LOOK_MS = 5_000;
const CIRCUIT = { firstMs: 1_000, maxMs: LONGEST_HOLD_MS };

/** What decides when, and whether, anything is sent; for the whole life of a process, whoever is active. */
export function createTraffic({
  config,
  kafka,
  metrics,
  onDoorsChanged,
  onFailed,
  clock,
  log,
}: TrafficOptions) {
  const regulator = createRegulator(config.PACE_GUARD_MS);
  const pace = createPace({
    limit: config.VERIHUBS_MAX_RPS,
    windowMs: (now) => regulator.at(now).windowMs,
    heldUntil: (now) => regulator.at(now).heldUntil,
  });
  const circuit = createCircuit(CIRCUIT);
  const blocked = createBlockedRecipients(config.BLOCKED_TTL_MS);
  const control = followControl({
    kafka,
    topic: config.CONTROL_TOPIC,
    onChange: () => doors.look(),
    onSkipped: (reason) => metrics.skippedControls.inc({ reason }),
    onFailed,
    clock,
    log,
  });
  let cancelLook = () => {};
  const doors = createDoors({
    lanes: config.SEND_TOPICS.map(laneOf),
    brake: control.brake,
    isWithinHours: config.SENDING_HOURS.isWithin,
    onChanged: onDoorsChanged,
    clock,
    log,
  });
  /** Tells one recipient from another. Without a key it is the number itself, which stays in memory. */
  function recipientOf({ request: { msisdn } }: Pick<Message, 'request'>): string {
    const { RECIPIENT_HASH_KEY: key } = config;
    return key === undefined ? msisdn : recipientHash(msisdn, key);
  }

  function cancelled({ request, lane, record }: Pick<Message, 'request' | 'lane' | 'record'>): string | null {
    const said = control.cancellation({
      messageId: request.message_id,
      source: request.source,
      template: request.template?.name ?? null,
      lane,
      appendedAt: record.timestamp,
    });
    return said?.reason ?? null;
  }

  const perSecond = (windowMs: number) => Math.round((config.VERIHUBS_MAX_RPS / windowMs) * 10_000) / 10;

  function lookForFullRate(): void {
    cancelLook = clock.after(FULL_RATE_LOOK_MS, () => {
      const { reason, windowMs } = regulator.at(clock.monotonic());
      if (reason !== null) lookForFullRate();
      else log.info({ perSecond: perSecond(windowMs) }, 'sending is at its full rate again');
    });
  }

  const blockedBecause = (message: Message) =>
    // Asked some times for each message: the hash of its recipient is not needed where nobody is blocked.
    blocked.size() > 0 && blocked.has(recipientOf(message), clock.monotonic())
      ? `not called: Verihubs has told within the last ${config.BLOCKED_TTL_MS} ms that the recipient is blocked`
      : null;

  return {
    pace,
    regulator,
    circuit,
    blocked,
    doors,
    control,
    recipientOf,
    cancelled,
    blockedBecause,
    stop(): Promise<void> {
      cancelLook();
      doors.stop();
      return control.close();
    },
    /** Why a message is not to be sent any more, whatever is known of its attempts. */
    objection(message: Message): Objection | null {
      const reason = cancelled(message);
      if (reason !== null) return { kind: 'cancel', reason };
      const why = blockedBecause(message);
      return why === null ? null : { kind: 'refuse', reason: why };
    },
    /** Verihubs says that it was too fast. Times are monotonic ms. */
    tooFast(kind: LessonKind, learntAt: number, leftAt?: number): void {
      const lesson = regulator.lesson(kind, learntAt, leftAt);
      if (!lesson) return;
      cancelLook();
      lookForFullRate();
      const { windowMs, guardMs } = lesson.after;
      log.warn(
        { reason: kind, perSecond: perSecond(windowMs), guardMs: Math.round(guardMs) },
        'too fast for Verihubs: sending is slowed down',
      );
    },
  };
}
