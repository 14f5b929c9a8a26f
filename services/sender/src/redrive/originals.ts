import type { KafkaRecord } from '@whatsapp-stream/kafka';
import type { Message } from '../message.ts';

/**
 * The requests of messages that were accepted not long ago, as their publishers wrote them. A callback that rejects
 * one makes a redrive of it; what is forgotten before that is for a person to redrive.
 */
export interface Originals {
  keep(message: Message): void;
  /** @returns null where it was never known, or is forgotten */
  of(unit: string): Original | null;
  forget(unit: string): void;
}

/** What a new attempt needs. */
export interface Original extends Pick<Message, 'request' | 'unit' | 'redrive' | 'lane'> {
  readonly record: KafkaRecord;
}

/** Some ten thousand messages: at 50 a second more than three minutes of them. */
const MAX_BYTES = 16 * 1_024 * 1_024;
/** What an entry costs beside its bytes, decoded and as they came. */
const OVERHEAD_BYTES = 1_024;

export function createOriginals(maxBytes: number = MAX_BYTES): Originals {
  const originals = new Map<string, Original>();
  /** Stays where it is, because one that begins anew passes over all that was deleted. */
  let inOrder = originals.keys();
  let bytes = 0;

  const costOf = ({ record }: Original) => OVERHEAD_BYTES + (record.value?.length ?? 0);

  function forget(unit: string): void {
    const original = originals.get(unit);
    if (!original) return;
    originals.delete(unit);
    bytes -= costOf(original);
  }

  function forgetOldest(): void {
    const { done, value } = inOrder.next();
    if (done) inOrder = originals.keys();
    else forget(value);
  }

  return {
    keep({ request, unit, redrive, lane, record }) {
      forget(unit);
      // What was fetched together lies in one piece of memory, which a part of it would keep whole.
      const { key, value } = record;
      const own = { ...record, key: key && Buffer.from(key), value: value && Buffer.from(value) };
      const original = { request, unit, redrive, lane, record: own };
      originals.set(unit, original);
      bytes += costOf(original);
      while (bytes > maxBytes && originals.size > 0) forgetOldest();
    },
    of: (unit) => originals.get(unit) ?? null,
    forget,
  };
}
