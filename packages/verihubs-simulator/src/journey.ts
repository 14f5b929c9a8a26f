import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CallbackPlan, type PlannedCallback, planCallbacks } from './callback-plan.ts';
import type { CallbackSender } from './callbacks.ts';
import type { SimulatorClock } from './clock.ts';
import { type Decision, decide, replyStatus } from './decide.ts';
import type { RequestEvent } from './events.ts';
import type { Fault, Faults } from './faults.ts';
import { type Admission, admit, type Credentials, invalid } from './gate.ts';
import { fingerprint, hashMsisdn } from './identity.ts';
import type { Observations } from './observations.ts';
import { pickDelayMs, type Random } from './random.ts';
import { sandboxNumber } from './sandbox.ts';
import type { Sleeper } from './sleeper.ts';
import { type SendBody, validateBody, validateHeaders } from './validate.ts';
import type { SlidingWindow } from './window.ts';
import { readBody, send } from './wire.ts';

export type JourneyTools = {
  readonly clock: SimulatorClock;
  readonly credentials: Credentials;
  readonly window: SlidingWindow;
  readonly faults: Faults;
  readonly random: Random;
  readonly sleeper: Sleeper;
  readonly callbackPlan: () => CallbackPlan;
  readonly callbacks: CallbackSender;
  readonly observations: Observations;
};

/** A request that was read, and what becomes of it. */
type Judgement = {
  readonly decision: Decision;
  readonly fault: Fault | null;
  readonly request: SendBody | null;
  readonly sessionId: string;
};

type Arrival = Admission & { readonly receivedMs: number; readonly seq: number };

async function judge(tools: JourneyTools, incoming: IncomingMessage, arrival: Arrival): Promise<Judgement> {
  const body = await readBody(incoming);
  const sessionId = randomUUID();
  const refused = (decision: Decision, request: SendBody | null = null): Judgement => ({
    decision,
    fault: null,
    request,
    sessionId,
  });
  if (body === 'broken-off') {
    return refused({ taken: false, reason: 'broken off by the caller', reply: { wire: 'hold' } });
  }
  const validation = body === 'too-large' ? null : validateBody(body);
  const request = validation?.ok === true ? validation.request : null;
  if (arrival.refusal !== null) return refused(arrival.refusal, request);
  const headerProblem = validateHeaders(incoming.headers);
  if (headerProblem !== null) return refused(invalid(headerProblem), request);
  if (validation === null) return refused(invalid('the body is too large'));
  if (!validation.ok) return refused(invalid(validation.problem));
  const fault = tools.faults.pick(validation.request.msisdn);
  const decision = decide(validation.request, fault, sessionId, tools.clock.isoTime(arrival.receivedMs));
  return { decision, fault, request, sessionId };
}

function toEvent(clock: SimulatorClock, arrival: Arrival, judgement: Judgement): RequestEvent {
  const { decision, request, sessionId } = judgement;
  const isSandbox = request !== null && sandboxNumber(request.msisdn) !== null;
  return {
    type: 'request',
    seq: arrival.seq,
    receivedMs: arrival.receivedMs,
    at: clock.isoTime(arrival.receivedMs),
    status: replyStatus(decision.reply),
    taken: decision.taken,
    withinLimit: arrival.withinLimit,
    reason: decision.reason,
    sessionId: decision.taken ? sessionId : null,
    fingerprint: request === null ? null : fingerprint(request),
    msisdnHash: request === null ? null : hashMsisdn(request.msisdn),
    msisdn: isSandbox ? request.msisdn : null,
    templateName: request?.template_name ?? null,
    callbackUrl: request?.callback_url ?? null,
  };
}

/** The callbacks that a judgement leads to: none for what was not taken, or has no callback URL. */
function plan(
  tools: JourneyTools,
  { decision, request }: Judgement,
  current: CallbackPlan,
): PlannedCallback[] {
  if (!decision.taken || request?.callback_url === undefined) return [];
  return planCallbacks(current, request.msisdn, tools.random);
}

function latencyMs(tools: JourneyTools, { fault }: Judgement): number {
  const own = fault?.kind === 'latency' ? pickDelayMs(fault, tools.random) : 0;
  return own + tools.faults.latencyMs();
}

/**
 * The way of one request: held on its way, stamped, admitted, read, judged, recorded, answered, called back. Resolves when it
 * was answered; the callbacks that come after the answer go on by themselves.
 */
export async function journey(
  tools: JourneyTools,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { clock, callbacks, observations, sleeper } = tools;
  const heldMs = tools.faults.heldMs();
  if (heldMs > 0) await sleeper.sleep(heldMs);
  const receivedMs = clock.nowMs();
  const seq = observations.arrived(receivedMs);
  const admission = admit(incoming, receivedMs, tools.credentials, tools.window, clock);
  const arrival = { receivedMs, seq, ...admission };

  const judgement = await judge(tools, incoming, arrival);
  const callbackPlan = tools.callbackPlan();
  const planned = plan(tools, judgement, callbackPlan);
  observations.request(
    toEvent(clock, arrival, judgement),
    planned.map((callback) => callback.code),
  );

  const waitMs = latencyMs(tools, judgement);
  if (waitMs > 0) await sleeper.sleep(waitMs);
  const task = {
    sessionId: judgement.sessionId,
    callbackUrl: judgement.request?.callback_url ?? '',
    plan: callbackPlan,
  };
  const early = callbackPlan.when === 'before-answer' ? planned.slice(0, 1) : [];
  if (early.length > 0) await callbacks.deliver({ ...task, planned: early });
  await send(incoming, response, judgement.decision.reply, sleeper);
  if (replyStatus(judgement.decision.reply) !== null) observations.answered(clock.nowMs() - receivedMs);
  const rest = planned.slice(early.length);
  if (rest.length > 0) void callbacks.deliver({ ...task, planned: rest });
}
