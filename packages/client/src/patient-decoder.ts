import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaRecord } from '@whatsapp-stream/kafka';
import {
  createDecoder,
  type Decoded,
  type EventName,
  type Events,
  RegistryUnavailableError,
  type SchemaRegistry,
} from '@whatsapp-stream/schemas';

/** The registry does not answer. It is asked again each second, and nothing is skipped. */
export type OnWaiting = (error: RegistryUnavailableError) => void;

/** Undefined once the signal is aborted; at once, without a promise, when the writer's schema is known. */
export type PatientDecode<T> = (
  record: KafkaRecord,
  signal: AbortSignal,
) => Decoded<T> | undefined | Promise<Decoded<T> | undefined>;

const ASK_AGAIN_MS = 1_000;

/** Decodes an event's records, and waits for a registry that is away. */
export function createPatientDecoder<E extends EventName>(
  registry: Pick<SchemaRegistry, 'schemaById'>,
  event: E,
  onWaiting: OnWaiting = () => undefined,
): PatientDecode<Events[E]> {
  const decoder = createDecoder(registry, event);

  async function decodeAgain(
    first: Promise<Decoded<Events[E]>>,
    record: KafkaRecord,
    signal: AbortSignal,
  ): Promise<Decoded<Events[E]> | undefined> {
    let decoding: Decoded<Events[E]> | Promise<Decoded<Events[E]>> = first;
    for (;;) {
      try {
        return await decoding;
      } catch (error) {
        if (!(error instanceof RegistryUnavailableError)) throw error;
        if (signal.aborted) return undefined;
        onWaiting(error);
        await sleep(ASK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return undefined;
        decoding = decoder.decode(record.value);
      }
    }
  }

  return (record, signal) => {
    const decoded = decoder.decode(record.value);
    return decoded instanceof Promise ? decodeAgain(decoded, record, signal) : decoded;
  };
}
