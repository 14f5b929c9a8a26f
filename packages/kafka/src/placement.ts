import type { ICustomPartitioner, Message } from 'kafkajs';
import { Partitioners } from './client-library.ts';

/** Murmur2 of the key, as Java's default partitioner; remembers where each message went. */
export interface Placement {
  readonly createPartitioner: ICustomPartitioner;
  partitionOf(message: Message): number | undefined;
}

/**
 * kafkajs asks for a message's partition again at each retry, and sends only to the brokers that have not
 * answered. A message that then gets another partition, as one without a key does or any when the topic has
 * grown, can go to a broker that has answered: it is never sent, and acknowledged. So the first choice stays.
 */
export function createPlacement(): Placement {
  const placed = new WeakMap<Message, number>();
  return {
    createPartitioner: () => {
      const choose = Partitioners.DefaultPartitioner();
      return (args) => {
        const partition = placed.get(args.message) ?? choose(args);
        placed.set(args.message, partition);
        return partition;
      };
    },
    partitionOf: (message) => placed.get(message),
  };
}
