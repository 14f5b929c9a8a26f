import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type NewStatusEvent, newStatusEvent, type Status } from '@whatsapp-stream/schemas';
import type { Figures, Funnel, OpenMessage } from '../figures.ts';
import { type FiguresOptions, figuresOf } from './figures-of.ts';
import { type Fixture, newFolder, writeEvents } from './test-support.ts';
import { unclosedOf } from './unclosed.ts';

const START = Date.UTC(2026, 10, 1, 10, 30);
const MINUTE = 60_000;
const AS_OF = START + 60 * MINUTE;

let ids = 0;
/** An event some time after the start, with an id of its own. */
function told(
  message: string | null,
  status: Status,
  afterMs: number,
  more: Partial<NewStatusEvent> = {},
): Fixture {
  ids += 1;
  return newStatusEvent({
    event_id: `e${ids}`,
    message_id: message,
    status,
    origin: 'SENDER',
    attempt: 1,
    occurred_at: START + afterMs,
    ...more,
  });
}

const OTP = { lane: 'otp', source: 'login', template_name: 'code' };

async function folderOf(t: TestContext, events: readonly Fixture[]): Promise<string> {
  const folder = join(await newFolder(t), 'events');
  await writeEvents(folder, events);
  return folder;
}

async function figures(
  t: TestContext,
  events: readonly Fixture[],
  options: Partial<FiguresOptions> = {},
): Promise<Figures> {
  return figuresOf(await folderOf(t, events), { afterMinutes: 10, asOfMs: AS_OF, ...options });
}

const NOBODY: Funnel = { requested: 0, accepted: 0, sent: 0, delivered: 0, read: 0, failed: 0, open: 0 };

test('a step that was told proves the steps before it', async (t) => {
  const { total } = await figures(t, [
    told('read', 'READ', 5),
    told('delivered', 'DELIVERED', 5),
    told('sent', 'SENT', 5),
    told('requested', 'REQUESTED', 5),
    told('failed', 'FAILED', 5),
    told('attempted', 'ATTEMPTED', 5),
    told('expired', 'EXPIRED', 5),
  ]);
  assert.deepEqual(total, { requested: 7, accepted: 5, sent: 3, delivered: 2, read: 1, failed: 2, open: 3 });
});

test('a funnel for each lane, template and source, and one of what is not known', async (t) => {
  const { funnels, messages } = await figures(t, [
    told('a', 'ATTEMPTED', 0, OTP),
    told('a', 'READ', 9),
    told('b', 'ATTEMPTED', 0, { ...OTP, source: '' }),
    told('c', 'SENT', 0),
  ]);
  const brief = funnels.map(({ dimension, value, requested, read }) => [dimension, value, requested, read]);
  assert.equal(messages, 3);
  assert.deepEqual(
    brief.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    [
      ['lane', 'otp', 2, 1],
      ['lane', null, 1, 0],
      ['source', '', 1, 0],
      ['source', 'login', 1, 1],
      ['source', null, 1, 0],
      ['template_name', 'code', 2, 1],
      ['template_name', null, 1, 0],
    ],
  );
});

test('an unsigned callback counts for the message whose session it names', async (t) => {
  const { total, charged } = await figures(t, [
    told('a', 'ATTEMPTED', 0, OTP),
    told('a', 'ACCEPTED', 1, { session_id: 's-a' }),
    told(null, 'DELIVERED', 2, { session_id: 's-a', verified: false, origin: 'CALLBACK' }),
    told(null, 'SENT', 2, { session_id: 's-x', verified: false, origin: 'CALLBACK' }),
  ]);
  assert.deepEqual(total, { requested: 2, accepted: 2, sent: 2, delivered: 1, read: 0, failed: 0, open: 1 });
  assert.equal(charged, 2);
});

test('failures of one kind are one row, whatever they say of times and addresses', async (t) => {
  const reasons: readonly [Status, string | null][] = [
    ['EXPIRED', '12 ms after expires_at'],
    ['EXPIRED', '51234 ms after expires_at'],
    ['GAVE_UP', 'no connection to Verihubs (connect ECONNREFUSED 10.0.0.7:443)'],
    ['GAVE_UP', 'no connection to Verihubs (connect ECONNREFUSED 10.12.0.8:8443)'],
    ['GAVE_UP', 'no connection to Verihubs (connect ECONNREFUSED ::1:8443)'],
    ['GAVE_UP', 'no connection to Verihubs (connect ECONNREFUSED 2001:db8::ff00:42:443)'],
    ['IN_DOUBT', 'HTTP 500'],
    ['IN_DOUBT', 'HTTP 502'],
    ['REFUSED', 'Verihubs: validation error (HTTP 400)'],
    ['BLOCKED', null],
  ];
  const { failures } = await figures(
    t,
    reasons.map(([status, reason], i) => told(`m${i}`, status, 0, { ...OTP, reason })),
  );
  assert.deepEqual(
    failures.map(({ status, lane, reason, messages }) => [status, lane, reason, messages]),
    [
      ['GAVE_UP', 'otp', 'no connection to Verihubs (connect ECONNREFUSED …)', 4],
      ['EXPIRED', 'otp', '… ms after expires_at', 2],
      ['BLOCKED', 'otp', null, 1],
      ['IN_DOUBT', 'otp', 'HTTP 500', 1],
      ['IN_DOUBT', 'otp', 'HTTP 502', 1],
      ['REFUSED', 'otp', 'Verihubs: validation error (HTTP 400)', 1],
    ],
  );
});

test('a failure that was overruled is none', async (t) => {
  const { failures, total } = await figures(t, [
    told('a', 'REJECTED', 1, { origin: 'CALLBACK' }),
    told('a', 'RETRYING', 2),
    told('a', 'DELIVERED', 3, { attempt: 2, origin: 'CALLBACK' }),
  ]);
  assert.deepEqual([failures, total.failed, total.delivered], [[], 0, 1]);
});

/** As the definition has it: in proportion between the two neighbours. */
function percentile(sorted: readonly number[], p: number): number {
  const place = p * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return low + (high - low) * (place - Math.floor(place));
}

test('latencies are exact percentiles since the first event, by step and lane', async (t) => {
  const times = Array.from({ length: 201 }, (_, i) => (i * i * 37) % 5_003);
  const { latencies } = await figures(
    t,
    times.flatMap((ms, i) => {
      const lane = i % 2 === 0 ? 'otp' : 'marketing';
      return [told(`m${i}`, 'ATTEMPTED', 0, { lane }), told(`m${i}`, 'DELIVERED', ms)];
    }),
  );
  const expectRow = (step: string, lane: string | null, of: readonly number[]) => {
    const row = latencies.find((one) => one.step === step && one.lane === lane);
    const sorted = of.toSorted((a, b) => a - b);
    assert.ok(row);
    assert.equal(row.messages, of.length);
    for (const [found, p] of [
      [row.p50Ms, 0.5],
      [row.p95Ms, 0.95],
      [row.p99Ms, 0.99],
    ] as const) {
      assert.ok(Math.abs(found - percentile(sorted, p)) < 1e-6, `${step} ${lane} ${p}: ${found}`);
    }
    assert.equal(
      row.bins.reduce((sum, { messages }) => sum + messages, 0),
      of.length,
    );
    for (const { fromMs, toMs, messages } of row.bins) {
      assert.equal(messages, of.filter((ms) => ms >= fromMs && ms < toMs).length, `${fromMs} to ${toMs}`);
    }
  };
  for (const step of ['accepted', 'sent', 'delivered']) {
    expectRow(step, null, times);
    expectRow(
      step,
      'otp',
      times.filter((_ms, i) => i % 2 === 0),
    );
    expectRow(
      step,
      'marketing',
      times.filter((_ms, i) => i % 2 === 1),
    );
  }
  assert.equal(latencies.length, 9);
});

test('powers of ten begin a bin', async (t) => {
  const times = [0, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];
  const { latencies } = await figures(
    t,
    times.flatMap((ms) => [told(`m${ms}`, 'ATTEMPTED', 0), told(`m${ms}`, 'READ', ms)]),
  );
  const read = latencies.find(({ step }) => step === 'read');
  assert.deepEqual(
    read?.bins.map(({ fromMs }) => fromMs),
    times,
  );
});

test('a message without its ATTEMPTED has no latency: it began before the range', async (t) => {
  const { latencies } = await figures(t, [told('a', 'DELIVERED', 0), told('a', 'READ', 5)]);
  assert.deepEqual(latencies, []);
});

test('volume and charges are counted in the hour of UTC of the first event', async (t) => {
  const { volume } = await figures(t, [
    told('a', 'ATTEMPTED', 0, OTP),
    told('a', 'DELIVERED', 90 * MINUTE),
    told('b', 'ATTEMPTED', 29 * MINUTE, OTP),
    told('c', 'ATTEMPTED', 30 * MINUTE, OTP),
  ]);
  assert.deepEqual(volume, [
    { hourMs: Date.UTC(2026, 10, 1, 10), lane: 'otp', messages: 2, charged: 1 },
    { hourMs: Date.UTC(2026, 10, 1, 11), lane: 'otp', messages: 1, charged: 0 },
  ]);
});

const OPEN: readonly Fixture[] = [
  told('late', 'ATTEMPTED', 2 * MINUTE, OTP),
  told('late', 'SENT', 50 * MINUTE, { session_id: 's' }),
  told('early', 'ATTEMPTED', 1 * MINUTE, OTP),
  told('fresh', 'ATTEMPTED', 50 * MINUTE + 1, OTP),
  told('closed', 'EXPIRED', 0, OTP),
];

test('open messages whose last event is old enough are overdue, the first begun first', async (t) => {
  const folder = await folderOf(t, OPEN);
  const options = { afterMinutes: 10, asOfMs: AS_OF };
  const { unclosed } = await figuresOf(folder, { ...options, limit: 1 });
  assert.deepEqual(
    [unclosed.afterMinutes, unclosed.count, unclosed.oldest.map(({ messageId }) => messageId)],
    [10, 2, ['early']],
  );
  const all: OpenMessage[] = [];
  for await (const message of unclosedOf(folder, options)) all.push(message);
  assert.deepEqual(
    all.map(({ messageId }) => messageId),
    ['early', 'late'],
  );
  assert.deepEqual(all[1], {
    messageId: 'late',
    sessionId: 's',
    lane: 'otp',
    source: 'login',
    templateName: 'code',
    status: 'SENT',
    firstEventAtMs: START + 2 * MINUTE,
    lastEventAtMs: START + 50 * MINUTE,
  });
});

test('who wants no more of the overdue messages may leave', async (t) => {
  const folder = await folderOf(t, OPEN);
  for await (const { messageId } of unclosedOf(folder, { afterMinutes: 10, asOfMs: AS_OF })) {
    assert.equal(messageId, 'early');
    break;
  }
});

test('an event that came again is counted as a duplicate and changes nothing', async (t) => {
  const once = [told('a', 'ATTEMPTED', 0, OTP), told('a', 'DELIVERED', 5)];
  const [first, again] = [await figures(t, once), await figures(t, [...once, ...once, ...once.slice(1)])];
  assert.deepEqual([again.events, again.duplicates], [5, 3]);
  assert.deepEqual({ ...again, events: 2, duplicates: 0 }, first);
});

test('the range is that of the events unless it is given, and then the others do not count', async (t) => {
  const events = [told('a', 'ATTEMPTED', 0), told('b', 'ATTEMPTED', 10), told('c', 'ATTEMPTED', 20)];
  const all = await figures(t, events);
  assert.deepEqual([all.fromMs, all.toMs, all.events], [START, START + 21, 3]);
  const some = await figures(t, events, { fromMs: START + 10, toMs: START + 20 });
  assert.deepEqual([some.fromMs, some.toMs, some.events, some.messages], [START + 10, START + 20, 1, 1]);
});

test('no events give zeros', async (t) => {
  const none = await figures(t, [told('a', 'ATTEMPTED', 0)], { fromMs: AS_OF });
  assert.deepEqual(none, {
    fromMs: AS_OF,
    toMs: AS_OF,
    events: 0,
    duplicates: 0,
    messages: 0,
    charged: 0,
    total: NOBODY,
    funnels: [],
    failures: [],
    latencies: [],
    volume: [],
    unclosed: { afterMinutes: 10, count: 0, oldest: [] },
  });
});
