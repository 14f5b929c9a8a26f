import { createServer, type Server } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type CallbackPlan, DEFAULT_CALLBACK_PLAN } from './callback-plan.ts';
import { createCallbackSender } from './callbacks.ts';
import { processClock, type SimulatorClock } from './clock.ts';
import {
  controlEvent,
  createControl,
  LOOP_RESOLUTION_MS,
  type SimulatorControl,
  type SimulatorSettings,
  withoutNumbers,
} from './control.ts';
import { CONTROL_PREFIX, createControlServer } from './control-server.ts';
import { createFaults, type FaultSettings, NO_FAULTS } from './faults.ts';
import { type JourneyTools, journey } from './journey.ts';
import { createObservations, type Observations } from './observations.ts';
import { seededRandom } from './random.ts';
import { createSleeper } from './sleeper.ts';
import { type RateLimit, slidingWindow } from './window.ts';

export type VerihubsOptions = {
  /** Where to listen; 127.0.0.1 unless said otherwise. */
  readonly host?: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** The credentials to ask for; `demo-app` and `demo-key` unless said otherwise. */
  readonly appId?: string;
  readonly apiKey?: string;
  /** 50 in any sliding second unless said otherwise; requests that it refuses do not count. */
  readonly limit?: Partial<RateLimit>;
  readonly callbacks?: Partial<CallbackPlan>;
  readonly faults?: Partial<FaultSettings>;
  /** Of all chance decisions; 1 unless said otherwise. */
  readonly seed?: number;
  /** How many events, and messages, are kept to be listed; 100,000 unless said otherwise. */
  readonly keep?: number;
  /** Whether the control endpoint serves other machines too. */
  readonly openControl?: boolean;
  readonly clock?: SimulatorClock;
};

export type Verihubs = {
  /** The base URL, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  readonly control: SimulatorControl;
  /**
   * Stops listening and breaks off what is under way. Pending callbacks are dropped, or, with `wait`, made
   * before it resolves. Tells how many were dropped. Called again with `drop`, it waits no longer.
   */
  stop(pendingCallbacks?: 'drop' | 'wait'): Promise<{ readonly droppedCallbacks: number }>;
};

const DEFAULT_LIMIT: RateLimit = {
  maxRequestsPerSecond: 50,
  countRefused: false,
  retryAfterSeconds: null,
  retryAfterAs: 'seconds',
};
const DEFAULT_KEEP = 100_000;
/** Added to the seed for what happens on the way. */
const WAY_SEED = 1_000_003;

/** Longer than a caller's pool keeps idle connections, so that the caller closes first and meets no reset. */
const KEEP_ALIVE_MS = 75_000;
const REQUEST_TIMEOUT_MS = 30_000;

/** Listens and tells the port. @throws the system's error, such as EADDRINUSE */
function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function createTools(options: VerihubsOptions, initial: SimulatorSettings, observations: Observations) {
  const clock = options.clock ?? processClock;
  const seed = options.seed ?? 1;
  const random = seededRandom(seed);
  return {
    clock,
    random,
    observations,
    credentials: { appId: options.appId ?? 'demo-app', apiKey: options.apiKey ?? 'demo-key' },
    window: slidingWindow(initial.limit),
    faults: createFaults(initial.faults, random, seededRandom(seed + WAY_SEED)),
    sleeper: createSleeper(),
    callbacks: createCallbackSender(clock, observations.add),
  };
}

type Parts = {
  readonly tools: JourneyTools;
  readonly controlServer: ReturnType<typeof createControlServer>;
  readonly server: Server;
  /** Requests that have not been answered. */
  readonly underWay: ReadonlySet<Promise<void>>;
};

/** One server for both: what is under `/_simulator` is control, all else is a request to Verihubs. */
function createParts(tools: JourneyTools, controlServer: Parts['controlServer']): Parts {
  const underWay = new Set<Promise<void>>();
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_TIMEOUT_MS },
    (request, response) => {
      if (request.url?.startsWith(CONTROL_PREFIX)) {
        controlServer.routing(request, response);
        return;
      }
      const way = journey(tools, request, response);
      underWay.add(way);
      way.finally(() => underWay.delete(way));
    },
  );
  return { tools, controlServer, server, underWay };
}

type Stopped = { readonly droppedCallbacks: number };

async function stopParts(parts: Parts, pendingCallbacks: 'drop' | 'wait'): Promise<Stopped> {
  const { tools, controlServer, server, underWay } = parts;
  const { callbacks, clock, observations, sleeper } = tools;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  sleeper.wakeAll();
  server.closeAllConnections();
  if (pendingCallbacks === 'wait') {
    await Promise.all(underWay);
    await callbacks.idle();
  }
  await callbacks.close();
  await Promise.all([...underWay, closed, controlServer.close()]);
  const droppedCallbacks = callbacks.pending();
  observations.add(controlEvent(clock, 'stop', { droppedCallbacks }));
  return { droppedCallbacks };
}

/**
 * Starts a simulator of Verihubs' Send WhatsApp Message V2 API.
 *
 * @throws the system's error when it cannot listen, such as EADDRINUSE
 */
export async function startVerihubs(options: VerihubsOptions = {}): Promise<Verihubs> {
  const initial: SimulatorSettings = {
    limit: { ...DEFAULT_LIMIT, ...options.limit },
    callbacks: { ...DEFAULT_CALLBACK_PLAN, ...options.callbacks },
    faults: { ...NO_FAULTS, ...options.faults },
  };
  const tools = createTools(options, initial, createObservations(options.keep ?? DEFAULT_KEEP));
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  const { control, plan } = createControl(tools, initial, loop);
  const controlServer = createControlServer(control, options.openControl ?? false);
  await controlServer.ready();
  const parts = createParts({ ...tools, callbackPlan: plan }, controlServer);
  const host = options.host ?? '127.0.0.1';
  const port = await listen(parts.server, host, options.port ?? 0);
  loop.enable();
  tools.observations.add(controlEvent(tools.clock, 'start', { port, ...withoutNumbers(initial) }));

  let stopped: Promise<Stopped> | null = null;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    control,
    async stop(pendingCallbacks = 'drop') {
      loop.disable();
      if (stopped !== null && pendingCallbacks === 'drop') await tools.callbacks.close();
      stopped ??= stopParts(parts, pendingCallbacks);
      return stopped;
    },
  };
}
