import { Worker } from 'node:worker_threads';
import type { Answer, Request, Said, ThreadData } from './messages.ts';

export interface SpoolThread {
  /** One at a time. @returns the answer, or null when the thread ended before it */
  ask(request: Request): Promise<Answer | null>;
  /** Resolves when it has ended. */
  end(): Promise<void>;
}

export interface ThreadListener {
  said(said: Exclude<Said, Answer>): void;
  /** It ended, asked or by itself. @param why for people */
  ended(why: string): void;
}

/**
 * Starts the thread of the spool. It keeps the process alive only while it is asked something, and whatever it
 * throws ends nothing but itself.
 */
export function startThread(data: ThreadData, listener: ThreadListener): SpoolThread {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: data });
  worker.unref();
  let asked: ((answer: Answer | null) => void) | null = null;
  let why = 'the thread of the spool has ended';
  let hasEnded = false;

  function settle(answer: Answer | null): void {
    worker.unref();
    const resolve = asked;
    asked = null;
    resolve?.(answer);
  }

  worker.on('message', (said: Said) => {
    if (said.kind === 'answer') settle(said);
    else listener.said(said);
  });
  worker.on('error', (error: unknown) => {
    why = `the thread of the spool failed: ${error instanceof Error ? error.name : 'unknown'}`;
  });
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      hasEnded = true;
      settle(null);
      listener.ended(why);
      resolve();
    });
  });

  return {
    ask: (request) =>
      new Promise((resolve) => {
        if (hasEnded) return resolve(null);
        asked = resolve;
        worker.ref();
        worker.postMessage(request);
      }),
    async end() {
      void worker.terminate();
      await exited;
    },
  };
}
