import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Context, context, createContextKey, propagation, type TextMapSetter } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { findActiveTrace } from './active-trace.ts';

const SPAN = createContextKey('span');

/** As the configured one of a process: it writes what the context says, in its own headers beside. */
const propagator = {
  inject(of: Context, carrier: unknown, setter: TextMapSetter) {
    const span = of.getValue(SPAN);
    if (typeof span !== 'string') return;
    setter.set(carrier, 'traceparent', `00-${span}-01`);
    setter.set(carrier, 'baggage', 'shop=1');
    setter.set(carrier, 'b3', span);
  },
  extract: (of: Context) => of,
  fields: () => ['traceparent', 'baggage', 'b3'],
};

before(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(propagator);
});
after(() => {
  context.disable();
  propagation.disable();
});

test('the trace is that of the active context, in the headers that are passed on', async () => {
  const activeTrace = await findActiveTrace();
  const inSpan = (span: string) => context.with(context.active().setValue(SPAN, span), activeTrace);
  assert.deepEqual(inSpan('1-2'), { traceparent: '00-1-2-01', tracestate: undefined, baggage: 'shop=1' });
  assert.equal(inSpan('3-4').traceparent, '00-3-4-01');
});

test('outside any context there is none', async () => {
  const activeTrace = await findActiveTrace();
  assert.deepEqual(Object.values(activeTrace()), [undefined, undefined, undefined]);
});
