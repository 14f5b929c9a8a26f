/** Tells how far a long work has come, on one line of a terminal; elsewhere nothing. */
export interface Progress {
  /** @param of `null` where it is not known how much there is */
  step(what: string, done: number, of: number | null): void;
  /** Removes the line, so that others can be written. */
  clear(): void;
}

export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

const SHOWN_EVERY_MS = 100;
const CLEAR_LINE = '\r\u001b[K';

/** @param monotonic in ms */
export function createProgress(stream: ProgressStream, monotonic: () => number): Progress {
  let shownAt = Number.NEGATIVE_INFINITY;
  let isShown = false;
  return {
    step(what, done, of) {
      if (!stream.isTTY || monotonic() - shownAt < SHOWN_EVERY_MS) return;
      shownAt = monotonic();
      isShown = true;
      const total = of === null ? '' : ` of ${of.toLocaleString('en')}`;
      stream.write(`${CLEAR_LINE}${what}: ${done.toLocaleString('en')}${total}`);
    },
    clear() {
      if (!isShown) return;
      isShown = false;
      stream.write(CLEAR_LINE);
    },
  };
}
