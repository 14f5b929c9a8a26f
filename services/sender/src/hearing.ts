import type { KafkaRecord } from '@whatsapp-stream/kafka';
import type { StatusEvent } from '@whatsapp-stream/schemas';
import type { Clock } from '@whatsapp-stream/service-kit';
import { unitOf } from './ledger/unit.ts';
import type { Originals } from './redrive/originals.ts';
import type { Redriver } from './redrive/redriver.ts';
import type { Traffic } from './traffic.ts';

export interface HearingOptions {
  readonly traffic: Pick<Traffic, 'tooFast' | 'blocked' | 'recipientOf'>;
  readonly originals: Pick<Originals, 'of'>;
  readonly redriver: Redriver;
  readonly clock: Clock;
}

/**
 * What the status log teaches beside the standing of messages. Every replica hears it, whoever made the calls: so one
 * that takes over knows how fast Verihubs is. What it was told itself it hears once more, which changes nothing.
 */
export function createHearing({ traffic, originals, redriver, clock }: HearingOptions) {
  /** When it was, on the monotonic clock: the log can be read long after. */
  const whenOf = ({ occurred_at: at }: StatusEvent) => clock.monotonic() - Math.max(0, clock.now() - at);

  function hearSender(event: StatusEvent): void {
    const { status, http_status: httpStatus, recipient } = event;
    if (status === 'RETRYING' && httpStatus === 429) traffic.tooFast('too many requests', whenOf(event));
    if (status === 'REFUSED' && httpStatus === 409 && recipient !== null)
      traffic.blocked.block(recipient, whenOf(event));
  }

  function hearCallback(event: StatusEvent, record: KafkaRecord): void {
    const unit = unitOf(event, record.headers);
    if (unit === null || !event.verified) return;
    if (event.status === 'REJECTED') traffic.tooFast('rejected by callback', whenOf(event));
    const original = originals.of(unit);
    if (event.status === 'BLOCKED' && original)
      traffic.blocked.block(traffic.recipientOf(original), whenOf(event));
    redriver.heard(event, unit);
  }

  return (event: StatusEvent, record: KafkaRecord): void => {
    if (event.origin === 'SENDER') hearSender(event);
    else if (event.origin === 'CALLBACK') hearCallback(event, record);
  };
}
