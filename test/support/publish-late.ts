import { createPublisher, type NewMessage, type Receipt } from '@whatsapp-stream/client';
import type { System } from './system.ts';

/** Publishes as a domain whose clock is far behind: also what has expired already, which others would refuse. */
export async function publishLate(
  { kafka, registry, names: topics }: Pick<System, 'kafka' | 'registry' | 'names'>,
  ...messages: readonly (NewMessage & { readonly requestedAt: number })[]
): Promise<readonly Receipt[]> {
  const publisher = await createPublisher({ kafka, registry, topics, source: 'test', now: () => 0 });
  const receipts = await publisher.sendMany(messages);
  await publisher.close();
  return receipts;
}
