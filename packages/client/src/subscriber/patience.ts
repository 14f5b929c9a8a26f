/** The longest that a timer of Node can wait; a longer time would be none at all. */
const LONGEST_MS = 2 ** 31 - 1;

/** Waits for it, but no longer than that. @throws what it rejects with in that time */
export async function within(waitMs: number, what: Promise<unknown>): Promise<void> {
  const patience = Promise.withResolvers<void>();
  const timer = setTimeout(patience.resolve, Math.min(waitMs, LONGEST_MS));
  try {
    await Promise.race([what, patience.promise]);
  } finally {
    clearTimeout(timer);
  }
}
