/**
 * Recipients that are not called: Verihubs has answered that they are blocked. In memory alone, and bounded; one that
 * is forgotten too soon costs one more call, which is answered the same and not charged.
 */
export interface BlockedRecipients {
  /** @param recipient whatever tells one from another; never shown @param now monotonic ms, or earlier if it was then */
  block(recipient: string, now: number): void;
  has(recipient: string, now: number): boolean;
  size(): number;
}

/** Some hundred bytes each. */
const MAX_RECIPIENTS = 100_000;

/** @param ttlMs how long a recipient is not called; 0: each is called always */
export function createBlockedRecipients(
  ttlMs: number,
  maxRecipients: number = MAX_RECIPIENTS,
): BlockedRecipients {
  /** Until when, by recipient, in the order of blocking: the first ones end first. */
  const until = new Map<string, number>();

  function forget(now: number): void {
    for (const [recipient, end] of until) {
      if (end > now && until.size <= maxRecipients) return;
      until.delete(recipient);
    }
  }

  return {
    block(recipient, now) {
      const end = Math.max(now + ttlMs, until.get(recipient) ?? 0);
      until.delete(recipient);
      until.set(recipient, end);
      forget(now);
    },
    has: (recipient, now) => (until.get(recipient) ?? Number.NEGATIVE_INFINITY) > now,
    size: () => until.size,
  };
}
