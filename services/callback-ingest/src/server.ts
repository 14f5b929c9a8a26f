import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { answerTo, type RefusedReason, type RequestOutcome } from './answers.ts';
import { outcomeOfError, refuseConnection } from './http-errors.ts';
import type { Outcome, ReceivedCallback } from './journey.ts';
import { SERVER_LIMITS, type ServerLimits } from './limits.ts';

export interface CallbackServerOptions {
  readonly receive: (callback: ReceivedCallback) => Promise<Outcome>;
  /** Told once for every request. */
  readonly answered: (outcome: RequestOutcome) => void;
  /** A fault of ours, answered 500. */
  readonly failed: (error: Error) => void;
  readonly limits?: ServerLimits;
}

type CallbackRequest = FastifyRequest<{ Params: { token?: string } }>;

const CALLBACK_PATH = /^\/callbacks(?:\/[^/?]*)?\/?(?:\?|$)/;
/** How often Node looks for connections that have timed out; half a minute by itself. */
const CONNECTIONS_CHECK_MS = 1_000;

/**
 * The public HTTP server: routes, limits, and an answer to everything. It never listens by itself, and logs
 * nothing: every URL here contains a token.
 */
export function createCallbackServer(options: CallbackServerOptions): FastifyInstance {
  const { receive, answered, failed, limits = SERVER_LIMITS } = options;
  const server = buildFastify(limits, answered);

  function end(reply: FastifyReply, outcome: RequestOutcome): FastifyReply {
    answered(outcome);
    return send(reply, outcome);
  }

  // What a body means is for `decode` to say, whatever its type.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));

  // Before the body is read: there is nothing here that it could be for.
  server.addHook('onRequest', async (request, reply) => {
    if (request.is404) return end(reply, { kind: 'refused', reason: unroutedReason(request) });
  });
  server.setErrorHandler((error, _request, reply) => {
    const outcome = outcomeOfError(error);
    if (outcome.kind === 'failed') failed(error instanceof Error ? error : new Error(String(error)));
    return end(reply, outcome);
  });
  endConnectionsWithRequests(server);

  for (const url of ['/callbacks', '/callbacks/:token']) {
    server.route<{ Params: { token?: string } }>({
      method: ['GET', 'POST'],
      url,
      handler: async (request, reply) => end(reply, await receive(receivedCallback(request))),
    });
  }
  return server;
}

function buildFastify(limits: ServerLimits, answered: CallbackServerOptions['answered']): FastifyInstance {
  return Fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.silenceTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
      // Which host was meant makes no difference here, and Node's own refusal says nothing.
      requireHostHeader: false,
    },
    // What runs when closing begins ends as usual, and so does what still comes on its connections.
    return503OnClosing: false,
    routerOptions: {
      ignoreTrailingSlash: true,
      // By itself a token of more than 100 characters would not be found; how long one may be, its reader says.
      maxParamLength: limits.headerBytes,
    },
    // A HEAD must not record anything.
    exposeHeadRoutes: false,
    frameworkErrors: (error, _request, reply) => {
      const outcome = outcomeOfError(error);
      answered(outcome);
      send(reply, outcome);
    },
    clientErrorHandler: (error, socket) => {
      const reason = refuseConnection(error.code, socket);
      if (reason !== null) answered({ kind: 'refused', reason });
    },
  });
}

/**
 * When the server closes, what is under way ends, and with the last of it every connection. Node by itself
 * would keep those that have not sent a whole request yet, and looks after no time-out any more.
 */
function endConnectionsWithRequests(server: FastifyInstance): void {
  let underWay = 0;
  let closing = false;
  const endWhenDone = () => {
    if (closing && underWay === 0) server.server.closeAllConnections();
  };
  server.server.on('request', (_request, response) => {
    underWay += 1;
    response.once('close', () => {
      underWay -= 1;
      endWhenDone();
    });
  });
  server.addHook('preClose', async () => {
    closing = true;
    endWhenDone();
  });
  server.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
}

function receivedCallback(request: CallbackRequest): ReceivedCallback {
  const url = request.raw.url ?? '';
  const question = url.indexOf('?');
  return {
    token: request.params.token,
    query: question < 0 ? '' : url.slice(question + 1),
    contentType: request.headers['content-type'],
    body: typeof request.body === 'string' ? request.body : undefined,
  };
}

function unroutedReason(request: FastifyRequest): RefusedReason {
  const isCallback = CALLBACK_PATH.test(request.raw.url ?? '');
  const isItsMethod = request.method === 'GET' || request.method === 'POST';
  return isCallback && !isItsMethod ? 'METHOD_NOT_ALLOWED' : 'NOT_FOUND';
}

function send(reply: FastifyReply, outcome: RequestOutcome): FastifyReply {
  const { status, headers, body } = answerTo(outcome);
  return reply.code(status).headers(headers).send(body);
}
