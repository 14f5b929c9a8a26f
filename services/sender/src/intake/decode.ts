import type { KafkaRecord } from '@whatsapp-stream/kafka';
import type { Decoded, Decoder, SendRequest } from '@whatsapp-stream/schemas';
import { type Clock, type Logger, sleep } from '@whatsapp-stream/service-kit';

const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 5_000;

/**
 * Decodes send requests. A registry that is away is waited for: it makes no record poison.
 * @returns a function that gives null when `over` is aborted first
 */
export function createRequestDecoder(
  decoder: Decoder<SendRequest>,
  clock: Clock,
  log: Logger,
): (record: KafkaRecord, over: AbortSignal) => Promise<Decoded<SendRequest> | null> {
  let lastLogged = Number.NEGATIVE_INFINITY;

  function say(error: unknown): void {
    if (clock.monotonic() - lastLogged < MAX_RETRY_MS) return;
    lastLogged = clock.monotonic();
    log.warn({ err: error }, 'the schema registry is away: records wait to be decoded');
  }

  return async (record, over) => {
    for (let waitMs = FIRST_RETRY_MS; !over.aborted; waitMs = Math.min(waitMs * 2, MAX_RETRY_MS)) {
      try {
        return await decoder.decode(record.value);
      } catch (error) {
        say(error);
        await sleep(clock, waitMs, over);
      }
    }
    return null;
  };
}
