import type { KafkaRecord } from '@whatsapp-stream/kafka';
import { ALL_LANES, type Brake, type Cancellation, decodeControl } from '@whatsapp-stream/schemas';

/** What was said, and when: ms since the epoch. */
export interface Told<T> {
  readonly said: T;
  readonly at: number;
}

/** A brake that holds a lane. */
export interface HeldBy extends Told<Brake> {
  /** Whether it is that of all lanes. */
  readonly all: boolean;
}

/** What the control topic says, for people. */
export interface ControlView {
  apply(record: Pick<KafkaRecord, 'key' | 'value' | 'timestamp'>): void;
  /** What holds a lane: its own brake goes before that of all; null where none does. */
  heldBy(lane: string): HeldBy | null;
  /** Each cancellation by its id, the latest last. */
  cancellations(): ReadonlyMap<string, Told<Cancellation>>;
  /** How many records could not be understood: the senders pass over them as well. */
  skipped(): number;
}

export function createControlView(): ControlView {
  const brakes = new Map<string, Told<Brake>>();
  const cancellations = new Map<string, Told<Cancellation>>();
  let skipped = 0;
  return {
    apply({ key, value, timestamp: at }) {
      const decoded = decodeControl(key, value);
      if (!decoded.ok) skipped += 1;
      else if (decoded.change.kind === 'brake') put(brakes, decoded.change.lane, decoded.change.brake, at);
      else put(cancellations, decoded.change.id, decoded.change.cancellation, at);
    },
    heldBy(lane) {
      const own = brakes.get(lane);
      if (own?.said.paused) return { ...own, all: false };
      const ofAll = brakes.get(ALL_LANES);
      return ofAll?.said.paused ? { ...ofAll, all: true } : null;
    },
    cancellations: () => cancellations,
    skipped: () => skipped,
  };
}

/** The latest comes last, also where it takes the place of another one. */
function put<T>(among: Map<string, Told<T>>, key: string, said: T | null, at: number): void {
  among.delete(key);
  if (said !== null) among.set(key, { said, at });
}
