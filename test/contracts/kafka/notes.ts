import type { KafkaRecord, OffsetGap } from '@whatsapp-stream/kafka';
import { createWatch, keysOf, type Watch } from './world.ts';

/** What each kind of reader is told, as it came. */
export interface Notes extends Pick<Watch, 'until'> {
  readonly records: readonly KafkaRecord[];
  readonly gaps: readonly OffsetGap[];
  readonly failures: readonly Error[];
}

/** Whoever waits looks again with each note. */
export interface NoteTaker {
  readonly notes: Notes;
  /** Something else was told. */
  look(): void;
  records(batch: readonly KafkaRecord[]): void;
  gap(gap: OffsetGap): void;
  failed(error: Error): void;
}

/**
 * @param more what a test that waits in vain shows beside the notes
 * @param shared looks also when other readers are told something; by itself it shows what whoever made it described
 */
export function takeNotes(more: () => object = () => ({}), shared?: Watch): NoteTaker {
  const records: KafkaRecord[] = [];
  const gaps: OffsetGap[] = [];
  const failures: Error[] = [];
  const { look, until } =
    shared ??
    createWatch(() => ({
      ...more(),
      keys: keysOf(records).slice(-20),
      gaps,
      failures: failures.map(({ message }) => message),
    }));
  return {
    notes: { records, gaps, failures, until },
    look,
    records(batch) {
      records.push(...batch);
      look();
    },
    gap(gap) {
      gaps.push(gap);
      look();
    },
    failed(error) {
      failures.push(error);
      look();
    },
  };
}
