/** What several senders put in and one taker takes out, in order. */
export interface Mailbox<T> {
  put(letter: T): void;
  /** Resolves with the next one. @throws the signal's reason, once that is aborted */
  take(): Promise<T>;
  close(): void;
}

export function createMailbox<T extends object>(signal?: AbortSignal): Mailbox<T> {
  const letters: T[] = [];
  let wake: () => void = () => undefined;
  const onAbort = () => wake();
  signal?.addEventListener('abort', onAbort);
  return {
    put(letter) {
      letters.push(letter);
      wake();
    },
    async take() {
      for (;;) {
        signal?.throwIfAborted();
        const letter = letters.shift();
        if (letter) return letter;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    close: () => signal?.removeEventListener('abort', onAbort),
  };
}
