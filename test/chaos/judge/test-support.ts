import type { SendRecord } from './history.ts';
import type { Story } from './story.ts';
import { judge, type Verdict } from './verdict.ts';

export const TERMS = { maxPerSecond: 10, guardMs: null, graceMs: () => 10_000 };

/** What the simulator does with a call. */
export const TAKEN = { status: 201, taken: true };
export const NO_ANSWER = { status: null, taken: true };
export const REFUSED = { status: 400, taken: false };

export function verdictOf(story: Story): Verdict {
  return judge(story.history(), TERMS);
}

export function kindsOf(story: Story) {
  return verdictOf(story).violations.map(({ kind }) => kind);
}

/** An attempt that is written, taken, and told as accepted. */
export function accept(story: Story, record: SendRecord, attemptId: string): void {
  story.attempt(record, attemptId);
  story.call(record, attemptId, TAKEN);
  story.tell(record, 'ACCEPTED', attemptId);
}

/** Another process is seen to be active. */
export function otherIsActive(story: Story, maker: string): void {
  const other = story.publish(`of-${maker}`);
  accept(story, other, `1.${maker}`);
}

type Answer = Parameters<Story['call']>[2];

/** An otp that is called once, and again after a grace time: by the attempt `second`, which is taken. */
export function sentAgain(story: Story, { first = TAKEN, second = '2.b' }: SentAgain = {}): SendRecord {
  const record = story.publish('m', { lane: 'otp' });
  story.attempt(record, '1.a');
  story.call(record, '1.a', first);
  story.pass(11_000);
  story.attempt(record, second);
  story.call(record, second, TAKEN);
  return record;
}

interface SentAgain {
  readonly first?: Answer;
  readonly second?: string;
}
