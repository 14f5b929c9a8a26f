import type { Cluster, Consumer } from 'kafkajs';
import { overheard } from './overhear.ts';

/**
 * Tells of a consumer that has shown no sign of life towards its group for long. That should not happen; but a
 * consumer that was forgotten by its library reads nothing, and nobody else would ever hear of it.
 *
 * Signs of life are a look for the group's coordinator, anything asked of it, and trouble: as long as a question
 * fails now and then, Kafka is away, the consumer tries, and that is waited for. Fetches are none: a member that
 * the group has given up can fetch for ever.
 */
export interface Watchdog {
  /** Takes note of what is asked from now on. */
  watch(cluster: Watched): void;
  /** Begins to count silence. */
  start(consumer: Pick<Consumer, 'on' | 'events'>): void;
  end(): void;
}

type Watched = Pick<Cluster, 'findGroupCoordinator' | 'connect' | 'refreshMetadata' | 'findBroker'>;

/** Well beyond the longest that kafkajs takes to hear that a cluster is away: about 40 s. */
const MIN_SILENCE_MS = 120_000;
const SESSIONS = 3;
/**
 * Silence is counted in ticks, not by a clock: a process that was stopped for long finds one tick due when it wakes,
 * and has all the others left to show life.
 */
const TICKS = 12;

/** @param onSilence is called once, after at least three sessions and two minutes of silence, and a twelfth more */
export function createWatchdog(sessionTimeoutMs: number, onSilence: (error: Error) => void): Watchdog {
  const silenceMs = Math.max(MIN_SILENCE_MS, SESSIONS * sessionTimeoutMs);
  let silentTicks = 0;
  let timer: NodeJS.Timeout | undefined;

  function sign(): undefined {
    silentTicks = 0;
  }

  function end(): void {
    clearInterval(timer);
  }

  function tick(): void {
    silentTicks += 1;
    if (silentTicks <= TICKS) return;
    end();
    onSilence(new Error(`no sign of life towards the group for ${silenceMs} ms`));
  }

  async function withTrouble<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      sign();
      throw error;
    }
  }

  return {
    watch(cluster) {
      const find = cluster.findGroupCoordinator.bind(cluster);
      cluster.findGroupCoordinator = async (group) => {
        sign();
        return overheard(await withTrouble(find(group)), sign);
      };
      const connect = cluster.connect.bind(cluster);
      cluster.connect = () => withTrouble(connect());
      const refresh = cluster.refreshMetadata.bind(cluster);
      cluster.refreshMetadata = () => withTrouble(refresh());
      const findBroker = cluster.findBroker.bind(cluster);
      cluster.findBroker = (node) => withTrouble(findBroker(node));
    },
    start(consumer) {
      consumer.on(consumer.events.REQUEST_TIMEOUT, sign);
      consumer.on(consumer.events.CRASH, sign);
      timer = setInterval(tick, silenceMs / TICKS);
    },
    end,
  };
}
