import type { LatencyRow } from '../../figures.ts';
import type { HistogramChart, Tick } from '../charts.ts';
import { type Html, html } from '../html.ts';
import { byUrgency } from '../lanes.ts';
import { showCount, showCounted, showDuration, showShare } from '../numbers.ts';
import { figure, folded, foreign, nothing, number, type Section, section } from './parts.ts';

const STEPS = ['accepted', 'sent', 'delivered', 'read'] as const;
const HEIGHT_PX = 190;
const ABOUT =
  'From the first event of a message to the first one that tells the step. The scale of time is logarithmic, and the same for all four.';
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const TICKS: readonly Tick[] = [
  { ms: 1, label: '1 ms' },
  { ms: 10, label: '10 ms' },
  { ms: 100, label: '100 ms' },
  { ms: SECOND_MS, label: '1 s' },
  { ms: 10 * SECOND_MS, label: '10 s' },
  { ms: MINUTE_MS, label: '1 min' },
  { ms: 10 * MINUTE_MS, label: '10 min' },
  { ms: HOUR_MS, label: '1 h' },
  { ms: 6 * HOUR_MS, label: '6 h' },
  { ms: DAY_MS, label: '1 d' },
  { ms: 7 * DAY_MS, label: '7 d' },
  { ms: 30 * DAY_MS, label: '30 d' },
];

export function latencies(rows: readonly LatencyRow[]): Section {
  const told = rows.filter(({ messages }) => messages > 0);
  if (told.length === 0) {
    const text = 'No message was told to be accepted, sent, delivered or read in this range.';
    return { body: section('times', 'Times', null, nothing(text)), charts: {} };
  }
  const span = spanOf(told);
  const panels = STEPS.map((step) =>
    panel(
      step,
      told.find((row) => row.step === step && row.lane === null),
    ),
  );
  const charts = STEPS.flatMap((step) => {
    const row = told.find((one) => one.step === step && one.lane === null);
    return row === undefined || row.bins.length === 0
      ? []
      : [[`time-${step}`, histogram(row, span)] as const];
  });
  const body = html`<div class="panels">${panels}</div>${folded('By lane, in figures', lanesTable(told))}`;
  return { body: section('times', 'Times', ABOUT, body), charts: Object.fromEntries(charts) };
}

function panel(step: string, row: LatencyRow | undefined): Html {
  if (row === undefined)
    return html`<div><h3>Until ${step}</h3>${nothing(`No message was told to be ${step}.`)}</div>`;
  const figures = (['p50Ms', 'p95Ms', 'p99Ms'] as const).map(
    (name) => html`<div><dt>${name.slice(0, 3)}</dt><dd>${showDuration(row[name])}</dd></div>`,
  );
  const label = `Messages by the time until ${step}`;
  return html`<div><h3>Until ${step} <small>${showCounted(row.messages, 'message')}</small></h3><dl class="percentiles">${figures}</dl>${row.bins.length === 0 ? null : figure(`time-${step}`, label, HEIGHT_PX)}</div>`;
}

/** The least time that a logarithmic scale shows: less than it is drawn at it. */
const LEAST_MS = 1;

function spanOf(rows: readonly LatencyRow[]): { readonly fromMs: number; readonly toMs: number } {
  const bins = rows.flatMap((row) => row.bins.filter(({ messages }) => messages > 0));
  const fromMs = Math.max(
    LEAST_MS,
    bins.reduce((least, bin) => Math.min(least, bin.fromMs), Infinity),
  );
  const toMs = bins.reduce((most, bin) => Math.max(most, bin.toMs), LEAST_MS);
  return Number.isFinite(fromMs)
    ? { fromMs, toMs: Math.max(toMs, 2 * fromMs) }
    : { fromMs: LEAST_MS, toMs: SECOND_MS };
}

function histogram(
  row: LatencyRow,
  span: { readonly fromMs: number; readonly toMs: number },
): HistogramChart {
  const inSpan = (ms: number) => Math.min(Math.max(ms, span.fromMs), span.toMs);
  return {
    kind: 'histogram',
    label: `Messages by the time until ${row.step}`,
    ...span,
    ticks: TICKS.filter(({ ms }) => ms >= span.fromMs && ms <= span.toMs),
    bins: row.bins
      .filter(({ messages }) => messages > 0)
      .map(({ fromMs, toMs, messages }) => ({
        fromMs: inSpan(fromMs),
        toMs: inSpan(toMs),
        messages,
        tip: `${showDuration(fromMs)} to ${showDuration(toMs)}\n${showCounted(messages, 'message')}, ${showShare(messages, row.messages)}`,
      })),
    marks: [
      { ms: inSpan(row.p50Ms), label: 'p50' },
      { ms: inSpan(row.p95Ms), label: 'p95' },
      { ms: inSpan(row.p99Ms), label: 'p99' },
    ],
  };
}

function lanesTable(rows: readonly LatencyRow[]): Html {
  const lines = STEPS.flatMap((step) => {
    const of = rows.filter((row) => row.step === step);
    const sorted = of.toSorted((a, b) => byUrgency(a.lane ?? '', b.lane ?? ''));
    const all = sorted.filter(({ lane }) => lane === null);
    const lanes = sorted.filter(({ lane }) => lane !== null);
    return [...all, ...lanes].map((row) => line(row, row.lane === null));
  });
  return html`<table><thead><tr><th scope="col">Until</th><th scope="col" class="number">Messages</th><th scope="col" class="number">p50</th><th scope="col" class="number">p95</th><th scope="col" class="number">p99</th></tr></thead><tbody>${lines}</tbody></table>`;
}

function line(row: LatencyRow, isFirst: boolean): Html {
  const name =
    row.lane === null ? html`<b>${row.step}</b>` : html`<span class="inner">${foreign(row.lane)}</span>`;
  return html`<tr${isFirst ? html` class="apart"` : null}><th scope="row">${name}</th>${number(showCount(row.messages))}${number(showDuration(row.p50Ms))}${number(showDuration(row.p95Ms))}${number(showDuration(row.p99Ms))}</tr>`;
}
