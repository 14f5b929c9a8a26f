import { type Attempt, type CaseFile, isOpenBefore, type Message, type Settling } from '../case-file.ts';
import { shown, type Violation } from '../violation.ts';

/** One settling event for each sending of a message, but for late evidence. */
export function settledOnce(file: CaseFile): readonly Violation[] {
  return file.messages.flatMap((message) =>
    extraSettlings(file, message)
      .filter(({ explained }) => !explained)
      .map(({ settling: { event }, first }): Violation => {
        const again = `${event.status} of attempt ${event.attemptId ?? 'none'}`;
        const before = `${first.event.status} of attempt ${first.event.attemptId ?? 'none'}`;
        return { kind: 'SETTLED_TWICE', text: `${shown(message.id)}: ${again} after ${before}` };
      }),
  );
}

interface ExtraSettling {
  readonly settling: Settling;
  readonly first: Settling;
  readonly explained: boolean;
}

/** The settling events beyond the first of each sending; a redrive that was asked for is one more sending. */
export function extraSettlings(file: CaseFile, message: Message): readonly ExtraSettling[] {
  const sendings = Map.groupBy(message.settlings, ({ redriveOf }) => redriveOf);
  return [...sendings.values()].flatMap(([first, ...more]) => {
    if (!first) return [];
    return more.map((settling, i) => {
      const earlier = [first, ...more.slice(0, i)];
      const explained = earlier.some(
        (one) =>
          isLateEvidence(file, message, one, settling) || areBothUncalled(file, message, one, settling),
      );
      return { settling, first, explained };
    });
  });
}

/**
 * Whether two settling events are of two replicas that each did right: one lost its turn while its attempt was under
 * way, the other found that attempt in doubt.
 */
function isLateEvidence(file: CaseFile, message: Message, a: Settling, b: Settling): boolean {
  const attemptOf = ({ event }: Settling) =>
    message.attempts.find(({ attemptId }) => attemptId === event.attemptId);
  const [attemptA, attemptB] = [attemptOf(a), attemptOf(b)];
  if (attemptA && attemptB && attemptA !== attemptB) return tookOver(attemptA, attemptB);
  const attempt = attemptA ?? attemptB;
  const held = [a, b].some(({ event }) => event.status === 'IN_DOUBT');
  return held && attempt !== undefined && wasOvertaken(file, attempt);
}

/** What a process wrote before it lost its turn can come into the log so much later. */
const LATE_WRITE_WITHIN_MS = 60_000;

/**
 * Whether two processes each ended the message without a call, as either might: one lost its turn before what it wrote
 * was in the log, where the other one, that took over, has not found it. Such ends do not tell whose they are.
 */
function areBothUncalled(file: CaseFile, message: Message, a: Settling, b: Settling): boolean {
  if (a.event.attemptId !== null || b.event.attemptId !== null) return false;
  const [firstAtMs = 0, lastAtMs = 0] = [a.event.appendedAtMs, b.event.appendedAtMs].toSorted(
    (x, y) => x - y,
  );
  const isCalled = message.attempts.some(
    ({ calls, redriveOf }) => redriveOf === a.redriveOf && calls.length > 0,
  );
  const begins = [...file.makers.values()].map((maker) => maker.firstAtMs);
  const isHandedOver = begins.some(
    (at) => at > firstAtMs - LATE_WRITE_WITHIN_MS && at < lastAtMs + LATE_WRITE_WITHIN_MS,
  );
  return !isCalled && isHandedOver && file.makers.size > 1;
}

/** Whether one of two attempts was made by another process while the other attempt was open. */
function tookOver(a: Attempt, b: Attempt): boolean {
  if (a.maker === b.maker || a.attempted === null || b.attempted === null) return false;
  return isOpenBefore(a, b.attempted) || isOpenBefore(b, a.attempted);
}

/** Whether another process was active after the attempt was written. */
function wasOvertaken({ makers }: CaseFile, { maker, attempted }: Attempt): boolean {
  if (attempted === null) return false;
  return [...makers].some(([other, { lastAtMs }]) => other !== maker && lastAtMs > attempted.appendedAtMs);
}
