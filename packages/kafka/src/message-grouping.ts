import type { ICustomPartitioner, Message } from 'kafkajs';
import { replaceLibraryModule } from './library-module.ts';

interface MessagesToGroup {
  readonly topic: string;
  readonly partitionMetadata: Parameters<ReturnType<ICustomPartitioner>>[0]['partitionMetadata'];
  readonly messages: readonly Message[];
  readonly partitioner: ReturnType<ICustomPartitioner>;
}

/**
 * kafkajs 2.2.4 copies all messages of a partition for each one that joins them. To be called before kafkajs is
 * loaded.
 */
export function groupMessagesWithoutCopies(): void {
  replaceLibraryModule('producer/groupMessagesPerPartition.js', groupMessages);
}

/** @returns the messages of each partition, in their order */
export function groupMessages(options: MessagesToGroup): Readonly<Record<number, readonly Message[]>> {
  const { topic, partitionMetadata, messages, partitioner } = options;
  const groups: Record<number, Message[]> = {};
  if (partitionMetadata.length === 0) return groups;
  for (const message of messages) {
    const partition = partitioner({ topic, partitionMetadata, message });
    const group = groups[partition];
    if (group) group.push(message);
    else groups[partition] = [message];
  }
  return groups;
}
