import type { Interpretation } from './interpretation.ts';
import type { Memory } from './partition.ts';
import { createSeen } from './seen.ts';

/** What is remembered of the partitions that this process has. */
export interface Memories {
  /** Those that are not named are forgotten: others will have had them, and done what is not known here. */
  keepOnly(partitions: readonly number[]): void;
  of(partition: number): Remembering;
}

export interface Remembering extends Memory {
  /** Whether what came before is folded in. */
  isComplete: boolean;
}

export function createMemories(
  dedupeEntries: number,
  interpretation: Pick<Interpretation<unknown>, 'fold' | 'keepOnly'>,
): Memories {
  const memories = new Map<number, Remembering>();

  function create(partition: number): Remembering {
    const seen = createSeen(dedupeEntries);
    const memory: Remembering = {
      isComplete: false,
      isAcknowledged: ({ event_id }) => seen.has(event_id),
      acknowledged(event) {
        // A handler of an epoch that is over may end late: then it is known here what it did, or it is another's now.
        if (memories.get(partition) !== memory) return;
        seen.add(event.event_id);
        interpretation.fold(event, partition);
      },
    };
    return memory;
  }

  return {
    keepOnly(partitions) {
      const kept = new Set(partitions);
      for (const partition of [...memories.keys()]) if (!kept.has(partition)) memories.delete(partition);
      interpretation.keepOnly(kept);
    },
    of(partition) {
      const memory = memories.get(partition) ?? create(partition);
      memories.set(partition, memory);
      return memory;
    },
  };
}
