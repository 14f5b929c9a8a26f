import type { Status } from '@whatsapp-stream/schemas';
import { makerOf } from '../../support/calls.ts';
import { type CaseFile, inLogOrder, isAttempted, type Message, wasTaken } from './case-file.ts';
import { countBackward } from './checks/commits.ts';
import { fullestWindow } from './checks/never-too-fast.ts';
import { extraTakings, isResend } from './checks/never-twice.ts';
import { extraSettlings } from './checks/settled-once.ts';
import type { LoggedEvent } from './history.ts';

/** What there was, in numbers. */
export interface Figures {
  readonly published: number;
  readonly distinctIds: number;
  readonly repeats: number;
  readonly noRequests: number;
  readonly deadLetters: number;
  /** A record is put aside again when its sender ended before it could commit that. */
  readonly deadLettersAgain: number;
  /** Messages by how they ended: ACCEPTED goes before IN_DOUBT, and this before the others. */
  readonly settled: Readonly<Partial<Record<Status, number>>>;
  readonly settledAgainExplained: number;
  readonly calls: number;
  readonly callsUnnamed: number;
  readonly taken: number;
  /** Attempts that were made out of doubt of an earlier one. */
  readonly resends: number;
  readonly takenAgainExplained: number;
  /** Closing events that were answered by a redrive. */
  readonly redrives: number;
  /** Messages that were taken by more than one sending: the first, and redrives of it. */
  readonly takenByRedrive: number;
  readonly fullestSecond: number;
  /** The most in any second and the guard; null when no guard was given. */
  readonly fullestGuarded: number | null;
  /** 429 by the simulator's own limit, and by its faults. */
  readonly overLimit: number;
  readonly injected429: number;
  readonly attempts: number;
  readonly attemptsWithoutOutcome: number;
  readonly commits: number;
  readonly commitsBackward: number;
  readonly replicas: number;
  readonly handOvers: number;
  /** Between the last attempt of one process and the first of the next, in ms. */
  readonly longestHandOverMs: number;
  readonly duplicateWrites: number;
  readonly skippedEvents: number;
}

/** @param guardMs by how much the senders stretch the second that the limit counts in; null where that is not known */
export function figuresOf(file: CaseFile, guardMs: number | null): Figures {
  const { history } = file;
  return {
    ...publishedFigures(file),
    ...messageFigures(file),
    ...arrivalFigures(file, guardMs),
    ...activityFigures(history.events),
    commits: history.commits.length,
    commitsBackward: countBackward(history.commits),
    replicas: file.makers.size,
    duplicateWrites: file.duplicateWrites,
    skippedEvents: history.skippedEvents,
  };
}

function publishedFigures({ history, messages, deadLetters }: CaseFile) {
  const requests = history.sent.filter(({ request }) => request !== null).length;
  const distinctIds = messages.filter(({ records }) => records.length > 0).length;
  return {
    published: history.sent.length,
    distinctIds,
    repeats: requests - distinctIds,
    noRequests: history.sent.length - requests,
    deadLetters: history.deadLetters.length,
    deadLettersAgain: history.deadLetters.filter(({ of }) => of !== null).length - deadLetters.size,
  };
}

function messageFigures(file: CaseFile) {
  const settled: Partial<Record<Status, number>> = {};
  let settledAgainExplained = 0;
  let takenAgainExplained = 0;
  let resends = 0;
  let redrives = 0;
  let takenByRedrive = 0;
  let attempts = 0;
  let attemptsWithoutOutcome = 0;
  for (const message of file.messages) {
    const end = endOf(message);
    if (end) settled[end] = (settled[end] ?? 0) + 1;
    settledAgainExplained += extraSettlings(file, message).filter(({ explained }) => explained).length;
    takenAgainExplained += extraTakings(message).filter(({ explained }) => explained).length;
    const written = message.attempts.filter(({ attempted }) => attempted !== null);
    resends += written.filter((attempt) => isResend(attempt, message.attempts)).length;
    redrives += sendingsOf(message.records.filter(({ redriveOf }) => redriveOf !== null));
    takenByRedrive += sendingsOf(message.attempts.filter(wasTaken)) > 1 ? 1 : 0;
    attempts += written.length;
    attemptsWithoutOutcome += written.filter(({ outcomes }) => outcomes.length === 0).length;
  }
  return {
    settled,
    settledAgainExplained,
    takenAgainExplained,
    resends,
    redrives,
    takenByRedrive,
    attempts,
    attemptsWithoutOutcome,
  };
}

/** How many sendings these are of: the first one, which answers nothing, and each redrive. */
function sendingsOf(parts: readonly { readonly redriveOf: string | null }[]): number {
  return new Set(parts.map(({ redriveOf }) => redriveOf)).size;
}

function endOf({ settlings }: Message): Status | undefined {
  const statuses = settlings.map(({ event }) => event.status);
  return (['ACCEPTED', 'IN_DOUBT'] as const).find((status) => statuses.includes(status)) ?? statuses[0];
}

function arrivalFigures({ history: { arrivals } }: CaseFile, guardMs: number | null) {
  const overLimit = arrivals.filter(({ withinLimit }) => withinLimit === false).length;
  return {
    calls: arrivals.length,
    callsUnnamed: arrivals.filter(({ call }) => call === null).length,
    taken: arrivals.filter(({ taken }) => taken).length,
    fullestSecond: fullestWindow(arrivals),
    fullestGuarded: guardMs === null ? null : fullestWindow(arrivals, guardMs),
    overLimit,
    injected429: arrivals.filter(({ status }) => status === 429).length - overLimit,
  };
}

function activityFigures(all: readonly LoggedEvent[]) {
  const events = all.filter(({ origin }) => origin === 'SENDER').toSorted(inLogOrder);
  let handOvers = 0;
  let longestHandOverMs = 0;
  let last: { readonly maker: string; readonly atMs: number } | undefined;
  for (const event of events) {
    if (!isAttempted(event) || event.attemptId === null) continue;
    const maker = makerOf(event.attemptId);
    if (last && last.maker !== maker) {
      handOvers += 1;
      longestHandOverMs = Math.max(longestHandOverMs, event.appendedAtMs - last.atMs);
    }
    last = { maker, atMs: event.appendedAtMs };
  }
  return { handOvers, longestHandOverMs };
}
