import type { Figures } from './figures.ts';

/**
 * Why a history proves nothing, or not all that it should, for people. What could not be read, or was never there,
 * breaks no promise; a run without it must not count as one that kept them.
 */
export function unproven(figures: Figures, brokenOff: boolean): readonly string[] {
  const { published, calls, taken, attempts, commits, skippedEvents } = figures;
  const wanted = { published, calls, taken, attempts, commits };
  const none = Object.entries(wanted).filter(([, count]) => count === 0);
  return [
    ...none.map(([name]) => `there are no ${name}`),
    ...(skippedEvents > 0 ? [`${skippedEvents} records of the status log could not be read`] : []),
    ...(brokenOff ? ["the last line of the simulator's log was broken off"] : []),
  ];
}
