import { type Admin, backlogs, depthOf, timeOf, waitingIn, withAdmin } from '@whatsapp-stream/kafka';
import type { Clock, Logger } from '@whatsapp-stream/service-kit';

/** What waits in a lane's topic, fetched or not. */
export interface Queue {
  /** Records from the committed offsets to the end. */
  readonly depth: number;
  /** How long the first of them has been there; 0 where none waits. */
  readonly oldestMs: number;
  /** How long the topic keeps a record at least; null for ever, or not known. */
  readonly retentionMs: number | null;
}

/** Looks from time to time at what waits: a lane that is paused must not be forgotten until retention deletes it. */
export interface Queues {
  /** As of the last look, by topic; empty where this process is not the active one, or nothing could be asked. */
  seen(): ReadonlyMap<string, Queue>;
  start(): void;
  stop(): void;
}

export interface QueuesOptions {
  readonly kafka: {
    admin(): Promise<Pick<Admin, 'committed' | 'offsets' | 'offsetsAt' | 'describeTopic' | 'close'>>;
  };
  readonly group: string;
  readonly topics: readonly string[];
  /** Whether this process is surely the active sender: one of the replicas looks, not all. */
  readonly isActive: () => boolean;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
}

const LOOK_EVERY_MS = 30_000;
const FIRST_LOOK_MS = 5_000;
/** From then on an operator has as long again to open the lane. */
const LATE_SHARE = 0.5;

export function createQueues(options: QueuesOptions): Queues {
  const { kafka, topics, isActive, clock, log } = options;
  let queues: ReadonlyMap<string, Queue> = new Map();
  let stopped = false;
  let cancelLook = () => {};

  async function look(): Promise<void> {
    try {
      queues = isActive() ? await survey() : new Map();
    } catch (error) {
      queues = new Map();
      log.warn({ err: error }, 'what waits in the lanes is not known at the moment');
    }
    for (const [topic, { oldestMs, retentionMs }] of queues) {
      if (retentionMs !== null && oldestMs > retentionMs * LATE_SHARE)
        log.warn(
          { topic, oldestMs, retentionMs },
          'records wait so long that retention will delete them unsent',
        );
    }
    lookLater(LOOK_EVERY_MS);
  }

  function survey(): Promise<ReadonlyMap<string, Queue>> {
    return withAdmin(kafka, async (admin) => {
      const now = clock.now();
      const found = new Map<string, Queue>();
      for (const backlog of await backlogs(admin, options.group, topics)) {
        const { topic } = backlog;
        const oldestAt = await timeOf(admin, topic, waitingIn(backlog), now);
        const retention = Number((await admin.describeTopic(topic))?.config['retention.ms'] ?? -1);
        found.set(topic, {
          depth: depthOf(backlog),
          oldestMs: oldestAt === null ? 0 : Math.max(0, now - oldestAt),
          retentionMs: retention >= 0 ? retention : null,
        });
      }
      return found;
    });
  }

  function lookLater(afterMs: number): void {
    if (!stopped) cancelLook = clock.after(afterMs, look);
  }

  return {
    seen: () => queues,
    start: () => lookLater(FIRST_LOOK_MS),
    stop() {
      stopped = true;
      cancelLook();
    },
  };
}
