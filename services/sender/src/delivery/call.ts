import { performance } from 'node:perf_hooks';
import { type Dispatcher, Pool } from 'undici';

/** What became of one HTTP request. */
export type CallResult =
  | {
      readonly kind: 'answered';
      readonly httpStatus: number;
      /** null when it could not be read to its end. */
      readonly body: string | null;
      /** The Retry-After header as it stands. */
      readonly retryAfter: string | null;
      readonly tookMs: number;
    }
  /** Surely not one byte of it left. `withdrawn`: we took it back ourselves. */
  | { readonly kind: 'not-sent'; readonly cause: 'connection' | 'withdrawn'; readonly why: string }
  /** It left, at least in part, and no status came back. */
  | { readonly kind: 'no-answer'; readonly why: string };

export interface HttpRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Caller {
  /**
   * Posts once; never tries again, never follows a redirect, never rejects.
   * @param mayLeave asked when a connection is at hand, right before the first byte is written
   */
  post(request: HttpRequest, mayLeave: () => boolean): Promise<CallResult>;
  close(): Promise<void>;
}

export interface CallerOptions {
  readonly baseUrl: string;
  /** For the whole call, from the first byte written to the last one read; as long again for a connection. */
  readonly timeoutMs: number;
  /** As many calls may be under way at a time: none waits for another's connection. */
  readonly connections: number;
}

const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Plain HTTP/1.1 with kept connections, one request at a time on each. Not HTTP/2, which undici offers over TLS unless
 * told otherwise: there it posts again by itself what a server refuses or goes away from.
 */
export function createCaller({ baseUrl, timeoutMs, connections }: CallerOptions): Caller {
  const { origin, pathname } = new URL(baseUrl);
  const prefix = pathname.replace(/\/+$/, '');
  const pool = new Pool(origin, {
    connections,
    allowH2: false,
    pipelining: 1,
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    // A request on a connection that the server is just closing is a call in doubt: close it first.
    keepAliveTimeout: 4_000,
  });
  return {
    post: (request, mayLeave) =>
      new Promise((resolve) => {
        const options: Dispatcher.DispatchOptions = {
          method: 'POST',
          path: `${prefix}${request.path}`,
          headers: request.headers,
          body: request.body,
        };
        pool.dispatch(options, answerHandler({ timeoutMs, mayLeave, resolve }));
      }),
    close: () => pool.destroy(),
  };
}

interface Exchange {
  readonly timeoutMs: number;
  readonly mayLeave: () => boolean;
  readonly resolve: (result: CallResult) => void;
}

function answerHandler({ timeoutMs, mayLeave, resolve }: Exchange): Dispatcher.DispatchHandler {
  let leftAt: number | undefined;
  let withdrawn = false;
  let answer: { readonly httpStatus: number; readonly retryAfter: string | null } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;

  function finish(failure: Error | null): void {
    clearTimeout(timer);
    if (answer) {
      const body = failure ? null : Buffer.concat(chunks).toString('utf8');
      resolve({ kind: 'answered', ...answer, body, tookMs: performance.now() - (leftAt ?? 0) });
    } else if (leftAt === undefined) {
      const cause = withdrawn ? 'withdrawn' : 'connection';
      resolve({ kind: 'not-sent', cause, why: describe(failure) });
    } else {
      resolve({ kind: 'no-answer', why: describe(failure) });
    }
  }

  return {
    onRequestStart(controller) {
      if (leftAt !== undefined) {
        controller.abort(new Error('it was to leave a second time'));
        return;
      }
      if (!mayLeave()) {
        withdrawn = true;
        controller.abort(new Error('withdrawn before it left'));
        return;
      }
      leftAt = performance.now();
      timer = setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    },
    onResponseStart(_controller, httpStatus, headers) {
      if (httpStatus < 200) return;
      const retryAfter = headers['retry-after'];
      answer = { httpStatus, retryAfter: typeof retryAfter === 'string' ? retryAfter : null };
    },
    onResponseData(controller, chunk) {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES)
        controller.abort(new Error(`an answer of more than ${MAX_ANSWER_BYTES} bytes`));
      else chunks.push(chunk);
    },
    onResponseEnd: () => finish(null),
    onResponseError: (_controller, error) => finish(error),
  };
}

function describe(error: Error | null): string {
  if (!error) return 'no reason given';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return code && !error.message.includes(code) ? `${code}: ${error.message}` : error.message;
}
