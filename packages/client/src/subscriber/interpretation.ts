import type { MessageState, StatusEvent } from '@whatsapp-stream/schemas';
import type { Where } from '../replay/port.ts';
import { type Wanted, wantedEvents, wantedStates } from '../where.ts';
import type { Meaning } from './partition.ts';
import type { RunStates } from './port.ts';
import { createStates } from './states.ts';

/** What a handler is given for events. */
export interface Interpretation<T> {
  /** How far back the log is read for a partition that is new to this process; undefined where it need not be. */
  readonly history: { readonly windowMs: number; readonly maxEvents: number } | undefined;
  /** For one epoch. */
  begin(): (event: StatusEvent, partition: number) => Meaning<T>;
  /** Remembers what is done. */
  fold(event: StatusEvent, partition: number): void;
  keepOnly(partitions: ReadonlySet<number>): void;
}

const nothing = () => undefined;

export function asEvents(where: Where | undefined): Interpretation<StatusEvent> {
  const isWanted: Wanted<StatusEvent> = wantedEvents(where);
  return {
    history: undefined,
    // What is not wanted needs no place among those that were seen.
    begin: () => (event) =>
      isWanted(event) ? { what: event, done: (remember) => remember() } : { what: undefined, done: nothing },
    fold: nothing,
    keepOnly: nothing,
  };
}

const STATE_WINDOW_MS = 24 * 60 * 60 * 1000;
const MAX_MESSAGES = 100_000;
/** A message that is sent, delivered and read has six. */
const EVENTS_PER_MESSAGE = 8;

export function asStates(
  where: Where | undefined,
  { stateWindowMs = STATE_WINDOW_MS, maxMessages = MAX_MESSAGES }: RunStates,
): Interpretation<MessageState> {
  const isWanted: Wanted<MessageState> = wantedStates(where);
  const states = createStates(maxMessages);
  return {
    history: { windowMs: stateWindowMs, maxEvents: EVENTS_PER_MESSAGE * maxMessages },
    begin() {
      const view = states.view();
      return (event, partition) => {
        const { state, done } = view.next(event, partition, isWanted);
        return { what: state, done };
      };
    },
    fold: (event, partition) => states.fold(event, partition),
    keepOnly: (partitions) => states.keepOnly(partitions),
  };
}
