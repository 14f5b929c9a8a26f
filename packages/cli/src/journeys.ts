import type { Status, StatusEvent } from '@whatsapp-stream/schemas';

/** What earlier events told about the message of an event. */
export interface Before {
  /** The statuses told before, in the order in which they were told; the last few of them. */
  readonly statuses: readonly Status[];
  /** Callbacks do not know the lane; the sender's events do. */
  readonly lane: string | null;
}

/** Remembers what was told of each message, so that a line can show the way up to its event. */
export interface Journeys {
  /** Takes note of an event. @returns what was told before it, or null when the same event was told before */
  add(event: StatusEvent): Before | null;
}

interface Journey {
  lane: string | null;
  readonly statuses: Status[];
  readonly eventIds: string[];
}

const REMEMBERED_STATUSES = 6;
const REMEMBERED_EVENT_IDS = 64;

/** @param maxMessages what it remembers at most: beyond, the message that began first is forgotten */
export function createJourneys(maxMessages: number): Journeys {
  const journeys = new Map<string, Journey>();
  return {
    add(event) {
      const key = event.message_id ?? `session ${event.session_id}`;
      const journey = journeys.get(key) ?? { lane: null, statuses: [], eventIds: [] };
      if (journey.eventIds.includes(event.event_id)) return null;
      const before = { statuses: [...journey.statuses], lane: journey.lane };
      journey.lane ??= event.lane;
      push(journey.statuses, event.status, REMEMBERED_STATUSES);
      push(journey.eventIds, event.event_id, REMEMBERED_EVENT_IDS);
      journeys.set(key, journey);
      const [oldest] = journeys.keys();
      if (journeys.size > maxMessages && oldest !== undefined) journeys.delete(oldest);
      return before;
    },
  };
}

function push<T>(list: T[], item: T, max: number): void {
  list.push(item);
  if (list.length > max) list.shift();
}
