import type {
  Dimension,
  FailureRow,
  Figures,
  Funnel,
  FunnelRow,
  LatencyRow,
  OpenMessage,
  VolumeRow,
} from '../figures.ts';
import type { ReportAbout } from './about.ts';

const HOUR_MS = 3_600_000;
const JAKARTA_MS = 7 * HOUR_MS;

export const ABOUT: ReportAbout = {
  madeAtMs: Date.UTC(2026, 10, 15, 2, 5, 9),
  timeZone: 'Asia/Jakarta',
  readFrom: 'Kafka at 127.0.0.1:9092',
};

const NONE: Funnel = { requested: 0, accepted: 0, sent: 0, delivered: 0, read: 0, failed: 0, open: 0 };

/** A range in which nothing happened. */
export const EMPTY_FIGURES: Figures = {
  fromMs: Date.UTC(2026, 10, 1),
  toMs: Date.UTC(2026, 10, 2),
  events: 0,
  duplicates: 0,
  messages: 0,
  charged: 0,
  total: NONE,
  funnels: [],
  failures: [],
  latencies: [],
  volume: [],
  unclosed: { afterMinutes: 60, count: 0, oldest: [] },
};

/** Numbers from 0 to 1 that look random and are always the same: mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface LaneShape {
  readonly lane: string;
  /** Messages of a busy hour. */
  readonly perHour: number;
  /** How busy it is at an hour of the day in Jakarta, from 0 to 1. */
  readonly at: (hour: number, day: number) => number;
}

const LANES: readonly LaneShape[] = [
  { lane: 'otp', perHour: 420, at: (hour) => 0.12 + 0.88 * Math.exp(-(((hour - 14) / 5.5) ** 2)) },
  {
    lane: 'transactional',
    perHour: 260,
    at: (hour, day) => (day % 7 < 5 ? 1 : 0.5) * Math.exp(-(((hour - 11) / 4) ** 2)),
  },
  {
    lane: 'marketing',
    perHour: 1_900,
    at: (hour, day) => (day % 3 === 1 && hour >= 9 && hour < 13 ? 1 : 0),
  },
];

function volumeOf(fromMs: number, toMs: number, random: () => number): readonly VolumeRow[] {
  const hours = Array.from({ length: (toMs - fromMs) / HOUR_MS }, (_, i) => fromMs + i * HOUR_MS);
  return hours.flatMap((hourMs) => {
    const localHours = Math.floor((hourMs + JAKARTA_MS) / HOUR_MS);
    const [hour, day] = [localHours % 24, Math.floor(localHours / 24)];
    return LANES.flatMap(({ lane, perHour, at }) => {
      const messages = Math.round(perHour * at(hour, day) * (0.8 + 0.4 * random()));
      const charged = Math.round(messages * (0.93 + 0.04 * random()));
      return messages > 0 ? [{ hourMs, lane, messages, charged }] : [];
    });
  });
}

function funnelOf(requested: number, random: () => number): Funnel {
  const accepted = Math.round(requested * (0.972 + 0.02 * random()));
  const sent = Math.round(accepted * (0.985 + 0.01 * random()));
  const delivered = Math.round(sent * (0.94 + 0.04 * random()));
  const read = Math.round(delivered * (0.45 + 0.3 * random()));
  const open = Math.round((requested - delivered) * 0.12);
  return { requested, accepted, sent, delivered, read, failed: requested - delivered - open, open };
}

function plus(a: Funnel, b: Funnel): Funnel {
  return {
    requested: a.requested + b.requested,
    accepted: a.accepted + b.accepted,
    sent: a.sent + b.sent,
    delivered: a.delivered + b.delivered,
    read: a.read + b.read,
    failed: a.failed + b.failed,
    open: a.open + b.open,
  };
}

/** Shares that fall, and sum up to 1. */
function shares(count: number): readonly number[] {
  const weights = Array.from({ length: count }, (_, i) => 1 / (i + 1) ** 1.1);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / all);
}

function funnelRows(
  dimension: Dimension,
  values: readonly (string | null)[],
  messages: number,
  random: () => number,
) {
  const parts = shares(values.length);
  return values.map(
    (value, i): FunnelRow => ({
      dimension,
      value,
      ...funnelOf(Math.round(messages * (parts[i] ?? 0)), random),
    }),
  );
}

const STEPS = [
  { step: 'accepted', medianMs: 420, spread: 0.6, share: 0.98 },
  { step: 'sent', medianMs: 1_900, spread: 0.5, share: 0.965 },
  { step: 'delivered', medianMs: 4_600, spread: 1.1, share: 0.93 },
  { step: 'read', medianMs: 540_000, spread: 1.6, share: 0.55 },
] as const;
const BINS_IN_TEN = 8;

function latencyRow(
  { step, medianMs, spread, share }: (typeof STEPS)[number],
  lane: string | null,
  messages: number,
): LatencyRow {
  const count = Math.round(messages * share);
  const edge = (i: number) => 10 ** (i / BINS_IN_TEN);
  const density = (ms: number) => Math.exp(-0.5 * (Math.log(ms / medianMs) / spread) ** 2);
  const bins = Array.from({ length: 8 * BINS_IN_TEN }, (_, i) => ({ fromMs: edge(i), toMs: edge(i + 1) }));
  const whole = bins.reduce((sum, bin) => sum + density(Math.sqrt(bin.fromMs * bin.toMs)), 0);
  return {
    step,
    lane,
    messages: count,
    p50Ms: medianMs,
    p95Ms: medianMs * Math.exp(1.645 * spread),
    p99Ms: medianMs * Math.exp(2.326 * spread),
    bins: bins
      .map((bin) => ({
        ...bin,
        messages: Math.round((count * density(Math.sqrt(bin.fromMs * bin.toMs))) / whole),
      }))
      .filter((bin) => bin.messages > 0),
  };
}

const REASONS: readonly (readonly [FailureRow['status'], string | null, number])[] = [
  ['BLOCKED', null, 0.3],
  ['EXPIRED', 'it expired before its slot came', 0.22],
  ['REFUSED', 'Verihubs answered 400: template parameter count mismatch', 0.14],
  ['FAILED', null, 0.12],
  ['IN_DOUBT', 'no answer within 10000 ms after the request was written', 0.08],
  ['TIER_LIMIT_EXCEEDED', null, 0.06],
  ['INVALID_DATA', null, 0.04],
  ['CANCELLED', 'wrong price in the campaign', 0.03],
  ['GAVE_UP', 'Verihubs answered 429 in each of 8 attempts', 0.01],
];

function openMessages(toMs: number, random: () => number): readonly OpenMessage[] {
  return Array.from({ length: 23 }, (_, i) => {
    const lastEventAtMs = toMs - Math.round((23 - i) * 3.1 * HOUR_MS * (0.8 + 0.4 * random())) - HOUR_MS;
    return {
      messageId: i % 9 === 8 ? null : `order-${20261101 + i}-${Math.floor(random() * 1e9).toString(36)}`,
      sessionId: `5f2b8a1c-0d3e-4f6a-9b7c-${String(i).padStart(12, '0')}`,
      lane: i % 9 === 8 ? null : (LANES[i % 3]?.lane ?? null),
      source: i % 9 === 8 ? null : 'checkout',
      templateName: i % 9 === 8 ? null : 'order_shipped_v3',
      status: i % 3 === 0 ? 'SENT' : 'ACCEPTED',
      firstEventAtMs: lastEventAtMs - 4_200,
      lastEventAtMs,
    };
  });
}

/** Figures as a fortnight of a shop in Jakarta might give, always the same. */
export function sampleFigures(days = 14): Figures {
  const random = numbers(7);
  const fromMs = Date.UTC(2026, 9, 31, 17);
  const toMs = fromMs + days * 24 * HOUR_MS - 4 * HOUR_MS;
  const volume = volumeOf(fromMs, toMs, random);
  const messages = volume.reduce((sum, row) => sum + row.messages, 0);
  const lanes = LANES.map(({ lane }): FunnelRow => {
    const of = volume.filter((row) => row.lane === lane).reduce((sum, row) => sum + row.messages, 0);
    return { dimension: 'lane', value: lane, ...funnelOf(of, random) };
  });
  const total = lanes.map(({ dimension: _, value: __, ...counts }) => counts).reduce(plus, NONE);
  const templates = ['login_code', 'order_shipped_v3', 'flash_sale_november', 'payment_reminder', null];
  return {
    fromMs,
    toMs,
    events: messages * 5 + 812,
    duplicates: 812,
    messages,
    charged: volume.reduce((sum, row) => sum + row.charged, 0),
    total,
    funnels: [
      ...lanes,
      ...funnelRows('template_name', templates, messages, random),
      ...funnelRows('source', ['identity', 'checkout', 'campaigns', ''], messages, random),
    ],
    failures: REASONS.flatMap(([status, reason, share]) =>
      LANES.map(({ lane }, i) => ({
        status,
        lane,
        reason,
        messages: Math.round(total.failed * share * ([0.2, 0.3, 0.5][i] ?? 0)),
      })),
    ),
    latencies: STEPS.flatMap((step) => [
      latencyRow(step, null, messages),
      ...lanes.map(({ value, requested }) => latencyRow(step, value, requested)),
    ]),
    volume,
    unclosed: { afterMinutes: 60, count: 23, oldest: openMessages(toMs, random) },
  };
}
