import type { ICustomPartitioner, Message } from 'kafkajs';
import { Partitioners } from './client-library.ts';
import { partitionFor } from './murmur2.ts';

/** Murmur2 of the key, as Java's default partitioner; each message remembers where it went. */
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
  return {
    createPartitioner: () => {
      const spread = Partitioners.DefaultPartitioner();
      return (args) => {
        const { message, partitionMetadata } = args;
        const { key } = message;
        message.partition ??=
          key === null || key === undefined ? spread(args) : partitionFor(key, partitionMetadata.length);
        return message.partition;
      };
    },
    partitionOf: (message) => message.partition,
  };
}
