import { setTimeout as sleep } from 'node:timers/promises';
import type { GroupConsumer } from './group-consumer.ts';
import type { KafkaLog } from './kafkajs-log.ts';
import { isUnreachable } from './unreachable.ts';

const RETRY_MS = 1_000;

/**
 * A member of a group whose start goes on trying while Kafka cannot be reached. A member that could not start is over,
 * so each try is one of its own.
 */
export function createPersistentMember(
  newMember: () => GroupConsumer,
  log: Pick<KafkaLog, 'warn'>,
  retryMs: number = RETRY_MS,
): GroupConsumer {
  const stopped = new AbortController();
  let member = newMember();

  async function start(): Promise<void> {
    for (;;) {
      try {
        return await member.start();
      } catch (error) {
        if (stopped.signal.aborted || !isUnreachable(error)) throw error;
        log.warn({ err: error }, 'the group cannot be joined, trying again');
        await sleep(retryMs, undefined, { signal: stopped.signal });
        member = newMember();
      }
    }
  }

  return {
    start,
    pause: (partition) => member.pause(partition),
    resume: (partition) => member.resume(partition),
    isOver: (epoch) => member.isOver(epoch),
    commit: (epoch, commits) => member.commit(epoch, commits),
    stop() {
      stopped.abort();
      return member.stop();
    },
  };
}
