import { type Admin, type Backlog, depthOf, progress, timeOf, waitingIn } from '@whatsapp-stream/kafka';
import { laneOf } from '@whatsapp-stream/schemas';
import type { ControlView, HeldBy } from './control-view.ts';

/** How a lane stands. */
export interface LaneRow {
  readonly lane: string;
  readonly topic: string;
  /** Null: it is open. */
  readonly heldBy: HeldBy | null;
  /** Records from the committed offsets to the end. */
  readonly depth: number;
  /** When the first of them was written, exact to a second, in ms since the epoch; null where none waits. */
  readonly oldestAt: number | null;
  /** How long the topic keeps a record at least, in ms; null for ever, or not known. */
  readonly retentionMs: number | null;
  readonly publishedPerSecond: number;
  readonly donePerSecond: number;
}

/** What was seen of the lanes at a moment, in ms of a monotonic clock. */
export interface Look {
  readonly at: number;
  readonly backlogs: readonly Backlog[];
}

/**
 * The rows for the later of two looks.
 * @param now ms since the epoch
 */
export async function laneRows(
  admin: Pick<Admin, 'describeTopic' | 'offsetsAt'>,
  view: Pick<ControlView, 'heldBy'>,
  before: Look,
  after: Look,
  now: number,
): Promise<readonly LaneRow[]> {
  const seconds = (after.at - before.at) / 1_000;
  return Promise.all(
    after.backlogs.map(async (backlog, i) => {
      const { topic } = backlog;
      const { published, done } = progress(before.backlogs[i] ?? backlog, backlog);
      return {
        lane: laneOf(topic),
        topic,
        heldBy: view.heldBy(laneOf(topic)),
        depth: depthOf(backlog),
        oldestAt: await timeOf(admin, topic, waitingIn(backlog), now),
        retentionMs: retentionOf((await admin.describeTopic(topic))?.config['retention.ms']),
        publishedPerSecond: published / seconds,
        donePerSecond: done / seconds,
      };
    }),
  );
}

/** Kafka writes -1 for "for ever". */
function retentionOf(setting: string | undefined): number | null {
  return setting !== undefined && /^\d+$/.test(setting) ? Number(setting) : null;
}
