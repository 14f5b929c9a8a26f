import type { TestContext } from 'node:test';
import type {
  AssignedPartition,
  SharedConsumer,
  SharedConsumerEvents,
  SharedStart,
} from '@whatsapp-stream/kafka';
import { SESSION_TIMEOUT_MS } from './member.ts';
import { type Notes, takeNotes } from './notes.ts';
import type { Watch, World } from './world.ts';

/** A member of a group that shares its partitions, and notes all that it is told. */
export interface Sharer extends Notes {
  readonly consumer: SharedConsumer;
  /** The present epoch while it lasts. */
  epoch(): number | undefined;
  assigned(): readonly AssignedPartition[];
  /** How often it was told what it has. */
  assignments(): number;
}

export interface SharerOptions {
  readonly group: string;
  readonly topic: string;
  readonly from?: SharedStart;
  /** Looks also when other members are told something. */
  readonly watch?: Watch;
  /** Called before the member notes what it is told. */
  readonly handlers?: Partial<SharedConsumerEvents>;
}

export async function startSharer(t: TestContext, world: World, options: SharerOptions): Promise<Sharer> {
  const { group, topic, from = 'beginning', handlers = {} } = options;
  let epoch: number | undefined;
  let assigned: readonly AssignedPartition[] = [];
  let assignments = 0;
  const taker = takeNotes(() => ({ epoch, assigned }), options.watch);
  const consumer = world.newKafka().sharedConsumer(
    { group, topics: [topic], from, sessionTimeoutMs: SESSION_TIMEOUT_MS },
    {
      ending: async (of) => handlers.ending?.(of),
      epochEnded() {
        handlers.epochEnded?.();
        epoch = undefined;
      },
      assigned(of, partitions) {
        handlers.assigned?.(of, partitions);
        epoch = of;
        assigned = partitions;
        assignments += 1;
        for (const partition of partitions) consumer.resume(partition);
        taker.look();
      },
      records(of, batch) {
        handlers.records?.(of, batch);
        taker.records(batch);
      },
      gap(gap) {
        handlers.gap?.(gap);
        taker.gap(gap);
      },
      failed: taker.failed,
    },
  );
  t.after(() => consumer.stop());
  await consumer.start();
  return {
    consumer,
    ...taker.notes,
    epoch: () => epoch,
    assigned: () => (epoch === undefined ? [] : assigned),
    assignments: () => assignments,
  };
}

/** @returns its epoch, once the member has as many partitions as told */
export async function epochWith(sharer: Sharer, partitions: number): Promise<number> {
  await sharer.until(
    `the member has ${partitions} partitions`,
    () => sharer.assigned().length === partitions,
  );
  return sharer.epoch() ?? -1;
}
