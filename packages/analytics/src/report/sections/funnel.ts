import type { Dimension, Funnel, FunnelRow } from '../../figures.ts';
import { BARS_MARGIN_PX } from '../charts.ts';
import { type Html, html } from '../html.ts';
import { byUrgency, NOT_KNOWN } from '../lanes.ts';
import { showCount, showCounted, showShare } from '../numbers.ts';
import { figure, folded, foreign, nothing, number, type Section, section } from './parts.ts';

const STEPS = ['requested', 'accepted', 'sent', 'delivered', 'read'] as const;
const COLUMNS = [...STEPS, 'failed', 'open'] as const;
const TITLES: Readonly<Record<Dimension, string>> = {
  lane: 'By lane',
  template_name: 'By template',
  source: 'By source',
};
const FIRST_COLUMNS: Readonly<Record<Dimension, string>> = {
  lane: 'Lane',
  template_name: 'Template',
  source: 'Source',
};
const ROW_PX = 36;
/** Rows that are seen at once, and those that can be unfolded; what is beyond is summed up. */
const SEEN_ROWS = 10;
const MOST_ROWS = 100;

const ABOUT =
  'How many messages came how far. Each step holds those of the steps after it. Failed messages were closed by another status than delivered or read; open ones are not closed yet.';

export function funnel(total: Funnel, rows: readonly FunnelRow[]): Section {
  if (total.requested === 0) {
    return { body: section('funnel', 'Funnel', null, nothing('No message in this range.')), charts: {} };
  }
  const dimensions = Object.keys(TITLES) as readonly Dimension[];
  const tables = dimensions.map((dimension) =>
    byDimension(
      dimension,
      rows.filter((row) => row.dimension === dimension),
    ),
  );
  const body = html`<div class="beside">${figure('funnel', 'Messages by how far they came, the figures are in the table beside', STEPS.length * ROW_PX + 2 * BARS_MARGIN_PX)}${stepsTable(total)}</div>${tables}`;
  const label = 'Messages by how far they came';
  const series = [{ name: 'messages', colour: 'var(--all)' }];
  const bars = STEPS.map((step) => ({
    label: step,
    text: showShare(total[step], total.requested),
    tip: `${step}: ${showCounted(total[step], 'message')}, ${showShare(total[step], total.requested)} of those requested`,
    values: [total[step]],
  }));
  return {
    body: section('funnel', 'Funnel', ABOUT, body),
    charts: { funnel: { kind: 'bars', label, rowPx: ROW_PX, series, rows: bars } },
  };
}

function stepsTable(total: Funnel): Html {
  const lines = STEPS.map((step, i) => {
    const before = STEPS[i - 1];
    return html`<tr><th scope="row">${step}</th>${number(showCount(total[step]))}${number(showShare(total[step], total.requested))}${number(before === undefined ? '' : showShare(total[step], total[before]))}</tr>`;
  });
  const ends = (['failed', 'open'] as const).map(
    (end, i) =>
      html`<tr${i === 0 ? html` class="apart"` : null}><th scope="row">${end}</th>${number(showCount(total[end]))}${number(showShare(total[end], total.requested))}${number('')}</tr>`,
  );
  return html`<table><thead><tr><th scope="col">Step</th><th scope="col" class="number">Messages</th><th scope="col" class="number">of all</th><th scope="col" class="number">of the step before</th></tr></thead><tbody>${lines}${ends}</tbody></table>`;
}

function byDimension(dimension: Dimension, rows: readonly FunnelRow[]): Html | null {
  if (rows.length === 0) return null;
  const sorted = rows.toSorted((a, b) =>
    dimension === 'lane'
      ? byUrgency(a.value ?? '\uffff', b.value ?? '\uffff')
      : b.requested - a.requested || (a.value ?? '').localeCompare(b.value ?? '', 'en'),
  );
  const seen = sorted.slice(0, SEEN_ROWS);
  const hidden = sorted.slice(SEEN_ROWS, MOST_ROWS);
  const beyond = sorted.slice(MOST_ROWS);
  const rest = beyond.length === 0 ? null : line(`${showCount(beyond.length)} others`, sum(beyond));
  const table = (some: readonly FunnelRow[], last: Html | null) =>
    funnelTable(dimension, [...some.map(named), ...(last === null ? [] : [last])]);
  const more = hidden.length + beyond.length;
  return html`<h3>${TITLES[dimension]}</h3>${table(seen, null)}${more === 0 ? null : folded(`${showCount(more)} more`, table(hidden, rest))}`;
}

function named(row: FunnelRow): Html {
  return line(row.value === null ? html`<i>${NOT_KNOWN}</i>` : shownValue(row.value), row);
}

function shownValue(value: string): Html {
  return value === '' ? html`<i>none given</i>` : foreign(value);
}

function funnelTable(dimension: Dimension, lines: readonly Html[]): Html {
  const heads = COLUMNS.map(
    (column) => html`<th scope="col" role="columnheader" class="number">${column}</th>`,
  );
  return html`<table class="funnel" role="table" aria-label="Funnel, ${TITLES[dimension].toLowerCase()}"><thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">${FIRST_COLUMNS[dimension]}</th>${heads}</tr></thead><tbody role="rowgroup">${lines}</tbody></table>`;
}

function line(name: Html | string, of: Funnel): Html {
  const cells = COLUMNS.map((column) => {
    const share = of.requested === 0 ? 0 : (100 * of[column]) / of.requested;
    const percent =
      column === 'requested' ? null : html`<small>${showShare(of[column], of.requested)}</small>`;
    const kind = column === 'failed' || column === 'open' ? column : 'step';
    return html`<td role="cell" class="number ${kind}" data-label="${column}"><span>${showCount(of[column])}</span>${percent}<i class="share" style="--share:${share.toFixed(1)}%"></i></td>`;
  });
  return html`<tr role="row"><th scope="row" role="rowheader">${name}</th>${cells}</tr>`;
}

function sum(rows: readonly Funnel[]): Funnel {
  const of = (column: (typeof COLUMNS)[number]) => rows.reduce((total, row) => total + row[column], 0);
  return {
    requested: of('requested'),
    accepted: of('accepted'),
    sent: of('sent'),
    delivered: of('delivered'),
    read: of('read'),
    failed: of('failed'),
    open: of('open'),
  };
}
