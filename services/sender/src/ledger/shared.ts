/**
 * Work that many ask for at once, and that answers for the moment when it began: who asks while it is under way shares
 * the next one.
 */
export function shared<T>(work: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  return () => {
    next ??= underWay.then(() => {
      next = undefined;
      const now = work();
      underWay = now.catch(() => {});
      return now;
    });
    return next;
  };
}
