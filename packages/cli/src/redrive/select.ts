import { laneOf } from '@whatsapp-stream/schemas';
import type { Ended, History } from './history.ts';
import type { Target } from './judge.ts';
import type { Choice } from './options.ts';
import type { LeftOut } from './tally.ts';

export interface SelectOptions {
  readonly history: Pick<History, 'ended' | 'objection' | 'isSettled'>;
  /** What is redriven already: the values of `redrive_of`. */
  readonly isRedriven: (of: string) => boolean;
  readonly leaveOut: (why: LeftOut) => void;
}

/**
 * @param lanes the lanes' topics
 * @returns the ended messages that may be redriven, as far as can be said without their requests
 */
export function selectEnded(
  { history, isRedriven, leaveOut }: SelectOptions,
  choice: Choice,
  lanes: readonly string[],
): readonly Target[] {
  const targets: Target[] = [];
  for (const ended of history.ended()) {
    const { messageId, of, endedAt, attempts, place } = ended;
    if (endedAt < choice.from || endedAt >= choice.to) continue;
    if (place !== null && choice.lane !== null && laneOf(place.topic) !== choice.lane) continue;
    const why = isRedriven(of) ? 'redriven' : (history.objection(messageId) ?? placeFault(ended, lanes));
    if (why !== null) leaveOut(why);
    else if (place !== null) targets.push({ place, topic: place.topic, of, attempts, messageId });
  }
  return targets;
}

function placeFault({ place }: Ended, lanes: readonly string[]): LeftOut | null {
  if (place === null) return 'placeless';
  return lanes.includes(place.topic) ? null : 'laneless';
}

/**
 * @returns those of the dead letters that may be redriven, as far as the status log tells. Of several under one
 * message_id it is the first that was not redriven, as the first one counts in a lane
 */
export function selectDeadLetters(
  { history, isRedriven, leaveOut }: SelectOptions,
  letters: readonly Target[],
): readonly Target[] {
  const chosen = new Set<string>();

  function faultOf({ of, messageId }: Target): LeftOut | null {
    if (isRedriven(of)) return 'redriven';
    if (messageId === null) return null;
    const objection = history.objection(messageId);
    if (objection !== null) return objection;
    if (history.isSettled(messageId)) return 'settled';
    if (chosen.has(messageId)) return 'repeated';
    chosen.add(messageId);
    return null;
  }

  return letters.toSorted(byPlace).filter((letter) => {
    const why = faultOf(letter);
    if (why !== null) leaveOut(why);
    return why === null;
  });
}

/** What has the same key lies in the same partition. */
function byPlace({ place: a }: Target, { place: b }: Target): number {
  return a.partition - b.partition || a.offset - b.offset;
}
