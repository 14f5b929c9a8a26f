import type { Consumer } from 'kafkajs';

/** @throws with the topic's name when there is no such topic, or no broker tells */
export async function subscribe(
  consumer: Pick<Consumer, 'subscribe'>,
  topics: readonly string[],
): Promise<void> {
  for (const topic of topics) {
    try {
      await consumer.subscribe({ topic, fromBeginning: true });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`cannot read ${topic}: ${why}`, { cause: error });
    }
  }
}
