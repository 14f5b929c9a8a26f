import { clusterOf } from '../cluster.ts';
import { asEvents, asStates } from './interpretation.ts';
import type { RunEvents, RunStates, Subscriber, SubscriberOptions } from './port.ts';
import { type Session, startSession } from './session.ts';
import { checkRun, settingsOf } from './settings.ts';

/**
 * Follows what happens to messages, as one of a group whose members share the work. Connects to nothing before `run`.
 * @throws RangeError that names the faults of the options, or TypeError those that name the cluster
 */
export function createSubscriber(options: SubscriberOptions): Subscriber {
  const cluster = clusterOf(options);
  const settings = settingsOf(options, cluster.topics.lanes);
  let session: Session | undefined;
  let closed = false;

  function start(how: RunEvents | RunStates): Session {
    checkRun(how);
    const common = { cluster, settings, hooks: options, acknowledge: how.acknowledge ?? 'on-return' };
    if ('onEvent' in how)
      return startSession({ ...common, handler: how.onEvent, interpretation: asEvents(options.where) });
    const interpretation = asStates(options.where, how);
    return startSession({ ...common, handler: how.onState, interpretation });
  }

  return {
    async run(how) {
      if (session || closed) throw new Error('a subscriber runs once: create another one');
      session = start(how);
      await session.ended;
    },
    async close() {
      closed = true;
      await session?.close();
    },
    stats: () =>
      session?.stats() ?? {
        partitions: [],
        delivered: 0,
        acknowledged: 0,
        failed: 0,
        duplicates: 0,
        skipped: 0,
        lost: 0,
        unacknowledged: 0,
      },
  };
}
