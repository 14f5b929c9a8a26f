import { setTimeout as sleep } from 'node:timers/promises';
import { startKafkaProxy } from '../support/kafka-proxy.ts';
import { rememberOutages } from './outages.ts';

/** The way of one sender to Kafka, which others do not share. */
export interface KafkaWay extends AsyncDisposable {
  /** `host:port`, in the place of the broker's own. */
  readonly address: string;
  /** @returns once the way is as it was; false, at once, while it is cut off already */
  cutOff(how: CutOff, forMs: number): Promise<boolean>;
  /** Whether it was cut off, or had only just been joined again, at any moment since then (monotonic ms). */
  wasAway(since: number): boolean;
}

/**
 * - `closed`: connections end, and new ones are refused.
 * - `stalled`: nothing gets through, and nobody is told; afterwards what was sent meanwhile arrives, however late.
 * - `unanswered`: Kafka hears and does all that it is asked, and its answers are lost.
 */
export const CUT_OFFS = ['closed', 'stalled', 'unanswered'] as const;
export type CutOff = (typeof CUT_OFFS)[number];

export async function startKafkaWay(broker: string): Promise<KafkaWay> {
  const proxy = await startKafkaProxy(broker);
  const { begin, end, wasAway } = rememberOutages();
  let isCut = false;
  return {
    address: proxy.address,
    wasAway,
    async cutOff(how, forMs) {
      if (isCut) return false;
      isCut = true;
      begin();
      if (how === 'closed') await proxy.cut();
      else if (how === 'stalled') proxy.stall();
      else proxy.loseAnswers();
      await sleep(forMs);
      await proxy.restore();
      end();
      isCut = false;
      return true;
    },
    [Symbol.asyncDispose]: proxy.cut,
  };
}
