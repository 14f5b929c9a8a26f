import type { KafkaRecord } from '@whatsapp-stream/kafka';
import type { RegistryUnavailableError, Status } from '@whatsapp-stream/schemas';
import type { Skipped } from '../read-status.ts';

/** Which events are wanted: what is named must be one of these; what is not named may be anything. */
export interface Where {
  readonly status?: readonly Status[];
  /** By name (`otp`) or topic. */
  readonly lane?: readonly string[];
  readonly source?: readonly string[];
  readonly template?: readonly string[];
  readonly messageId?: readonly string[];
}

export interface ReplayOptions {
  /** In ms since the epoch, if a number. */
  readonly from: Date | number;
  /** The first moment that is not read; now unless told. Moments are those of Kafka's log: when it took the record. */
  readonly to?: Date | number;
  readonly where?: Where;
  /** Only these partitions, of those topics that have them; all unless told. */
  readonly partitions?: readonly number[];
  /** Called for each record that cannot be read; the next one goes on. */
  readonly onSkipped?: (skipped: Skipped) => void;
  /** The registry does not answer; it is asked again each second, and nothing is skipped. */
  readonly onWaiting?: (error: RegistryUnavailableError) => void;
  /** Ends the replay: the iteration throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Events and where each lies in the log, in the order of one partition; perhaps none. */
export interface Replayed<E> {
  readonly events: readonly E[];
  /** Of the same length. What is kept of one for long keeps megabytes of its neighbours in memory, unless copied. */
  readonly records: readonly KafkaRecord[];
  /** How far the reading has come, in offsets passed of all that it will pass: also what was not wanted. */
  readonly passed: number;
  readonly total: number;
}
