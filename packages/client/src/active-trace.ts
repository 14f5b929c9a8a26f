import type { TraceContext } from './message.ts';

/** Tells the trace that the caller is in; nothing where there is none. */
export type ActiveTrace = () => TraceContext;

/**
 * Looks for OpenTelemetry, which is not needed: without it no message has a trace but those that bring one.
 * What is told is what the process' configured propagator writes into these three headers.
 */
export async function findActiveTrace(): Promise<ActiveTrace> {
  const api = await import('@opentelemetry/api').catch(notInstalled);
  if (api === undefined) return () => ({});
  return () => {
    const carrier: Record<string, string> = {};
    api.propagation.inject(api.context.active(), carrier);
    return {
      traceparent: carrier['traceparent'],
      tracestate: carrier['tracestate'],
      baggage: carrier['baggage'],
    };
  };
}

function notInstalled(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
  throw error;
}
