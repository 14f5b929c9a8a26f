import { inBatches, KafkaWriteError, type NewRecord, type Producer } from '@whatsapp-stream/kafka';
import { laneOf } from '@whatsapp-stream/schemas';
import type { Tally } from './tally.ts';

/** So that an interruption is soon heard, and what failed is known to the hundred. */
const MAX_BATCH_RECORDS = 200;
/** Half of what a broker takes in one batch by default. */
const MAX_BATCH_BYTES = 512 * 1_024;
/**
 * Publishes the records batch by batch, and counts those that were acknowledged; not the next one once `stop` is
 * aborted.
 * @throws KafkaWriteError when it is not known whether a batch is in the log. The next run recognises what is
 */
export async function publish(
  producer: Pick<Producer, 'send'>,
  records: readonly NewRecord[],
  tally: Pick<Tally, 'redriven' | 'leftOut'>,
  stop: AbortSignal,
): Promise<void> {
  for (const batch of inBatches(records, MAX_BATCH_BYTES, MAX_BATCH_RECORDS)) {
    if (stop.aborted) return;
    try {
      await producer.send(batch);
    } catch (error) {
      // With its new headers a request can be larger than its lane takes.
      if (!(error instanceof KafkaWriteError && error.tooLarge && batch.length === 1)) throw error;
      tally.leftOut('too-large');
      continue;
    }
    for (const { topic } of batch) tally.redriven(laneOf(topic));
  }
}
