import { setTimeout as sleep } from 'node:timers/promises';
import { backlogs, depthOf, type Kafka, withAdmin } from '@whatsapp-stream/kafka';
import type { TopicNames } from '@whatsapp-stream/schemas';
import { NO_PROGRESS_MS } from './settled.ts';

export interface CommittedOptions {
  readonly kafka: Kafka;
  readonly names: Pick<TopicNames, 'lanes'> & { readonly group: string };
}

const LOOK_EVERY_MS = 1_000;

/**
 * Waits until the senders have committed every record of the lanes, redrives too; or until none was committed for long.
 * @returns how many are not committed then
 */
export function untilCommitted({ kafka, names }: CommittedOptions): Promise<number> {
  return withAdmin(kafka, async (admin) => {
    let least = Number.POSITIVE_INFINITY;
    let leastAt = performance.now();
    for (;;) {
      const lanes = await backlogs(admin, names.group, names.lanes);
      const left = lanes.reduce((sum, lane) => sum + depthOf(lane), 0);
      const now = performance.now();
      if (left < least) leastAt = now;
      least = Math.min(least, left);
      if (left === 0 || now - leastAt > NO_PROGRESS_MS) return left;
      await sleep(LOOK_EVERY_MS);
    }
  });
}
