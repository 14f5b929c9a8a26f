import { type Clock, systemClock } from '@whatsapp-stream/service-kit';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Outcome, ReceivedCallback } from '../journey.ts';
import { answerTo, type RefusedReason, type RequestOutcome } from './answers.ts';
import { boundConnections, endConnectionsWithRequests, ignoreExpectations } from './connections.ts';
import { outcomeOfError, refuseConnection } from './http-errors.ts';
import { SERVER_LIMITS, type ServerLimits } from './limits.ts';
import type { Networks } from './networks.ts';
import { watchPressure } from './pressure.ts';

export interface CallbackServerOptions {
  readonly receive: (callback: ReceivedCallback) => Promise<Outcome>;
  /** Told once for every request. Must not throw. */
  readonly answered: (outcome: RequestOutcome) => void;
  /** A fault of ours, answered 500. */
  readonly failed: (error: Error) => void;
  /** Who may call; everybody when it is not set. */
  readonly allowed?: Networks | undefined;
  /** Proxies whose `X-Forwarded-For` is believed; none when it is not set. */
  readonly trustedProxies?: Networks | undefined;
  /** Connections at a time; what comes beyond is closed at once. No bound when it is not set. */
  readonly maxConnections?: number;
  /** Told of each connection that was closed because of `maxConnections`. */
  readonly dropped?: () => void;
  readonly clock?: Clock;
  readonly limits?: ServerLimits;
}

type CallbackRequest = FastifyRequest<{ Params: { token?: string } }>;

const CALLBACK_PATH = /^\/callbacks(?:\/[^/?]*)?\/?(?:\?|$)/;
const NOT_PARSED: Readonly<Record<string, never>> = {};

/**
 * The public HTTP server: routes, limits, and an answer to everything. It never listens by itself, and logs
 * nothing: every URL here contains a token. Nothing of it asks for an async hook or a listener per request
 * where a plain function does: this is the way of every callback.
 */
export function createCallbackServer(options: CallbackServerOptions): FastifyInstance {
  const { receive, answered, failed, maxConnections, dropped = () => {}, clock = systemClock } = options;

  function end(reply: FastifyReply, outcome: RequestOutcome): void {
    answered(outcome);
    const { status, headers, body } = answerTo(outcome);
    if (isClosing()) reply.header('connection', 'close');
    reply.code(status).headers(headers).send(body);
  }

  const isForeign = addressCheck(options.allowed);
  const server = buildFastify(options, (error, request, reply) => {
    end(reply, isForeign(request) ? refused('ADDRESS_NOT_ALLOWED') : outcomeOfError(error));
  });
  const isClosing = endConnectionsWithRequests(server);
  if (maxConnections !== undefined) boundConnections(server, maxConnections, dropped);
  ignoreExpectations(server);
  const pressure = watchPressure(clock);
  server.addHook('onClose', (_server, done) => {
    pressure.close();
    done();
  });

  // What a body means is for `decode` to say, whatever its type.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));

  // Before the body is read.
  server.addHook('onRequest', (request, reply, done) => {
    if (isForeign(request)) end(reply, refused('ADDRESS_NOT_ALLOWED'));
    else if (request.is404) end(reply, refused(unroutedReason(request)));
    else if (pressure.isHigh()) end(reply, refused('OVERLOADED'));
    else done();
  });
  server.setErrorHandler((error, _request, reply) => {
    const outcome = outcomeOfError(error);
    if (outcome.kind === 'failed') failed(error instanceof Error ? error : new Error(String(error)));
    end(reply, outcome);
  });
  for (const url of ['/callbacks', '/callbacks/:token']) {
    server.route<{ Params: { token?: string } }>({
      method: ['GET', 'POST'],
      url,
      handler: (request, reply) => receive(receivedCallback(request)).then((outcome) => end(reply, outcome)),
    });
  }
  return server;
}

type FrameworkErrors = (error: Error, request: FastifyRequest, reply: FastifyReply) => void;

function buildFastify(options: CallbackServerOptions, frameworkErrors: FrameworkErrors): FastifyInstance {
  const { answered, trustedProxies, limits = SERVER_LIMITS } = options;
  return Fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.silenceTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.timeoutCheckMs,
      // Which host was meant makes no difference here, and Node's own refusal says nothing.
      requireHostHeader: false,
    },
    trustProxy: trustedProxies ? (address) => trustedProxies.has(address) : false,
    // What runs when closing begins ends as usual, and so does what still comes on its connections.
    return503OnClosing: false,
    routerOptions: {
      ignoreTrailingSlash: true,
      // By itself a token of more than 100 characters would not be found; how long one may be, its reader says.
      maxParamLength: limits.headerBytes,
      // `decode` reads the query, of callbacks alone.
      querystringParser: () => NOT_PARSED,
    },
    // A HEAD must not record anything.
    exposeHeadRoutes: false,
    frameworkErrors,
    clientErrorHandler: (error, socket) => {
      const reason = refuseConnection(error.code, socket);
      if (reason !== null) answered(refused(reason));
    },
  });
}

/** Whether the caller is none of those who may call. Who that is, is said nowhere. */
function addressCheck(allowed: Networks | undefined): (request: FastifyRequest) => boolean {
  return allowed === undefined ? () => false : (request) => !allowed.has(request.ip);
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

function refused(reason: RefusedReason): RequestOutcome {
  return { kind: 'refused', reason };
}
