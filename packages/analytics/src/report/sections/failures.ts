import type { FailureRow } from '../../figures.ts';
import { BARS_MARGIN_PX, type BarsChart } from '../charts.ts';
import { type Html, html } from '../html.ts';
import { type LaneLegend, shortened } from '../lanes.ts';
import { showCount, showCounted, showShare } from '../numbers.ts';
import { figure, folded, foreign, legend, nothing, number, type Section, section } from './parts.ts';

const SEEN_ROWS = 12;
const MOST_ROWS = 100;
const ROW_PX = 28;

export function failures(rows: readonly FailureRow[], lanes: LaneLegend): Section {
  const total = messagesOf(rows);
  if (total === 0) {
    return {
      body: section('failures', 'Failures', null, nothing('No message failed in this range.')),
      charts: {},
    };
  }
  const about = `${showCounted(total, 'message was', 'messages were')} closed without being delivered, by the status that closed ${total === 1 ? 'it' : 'them'} and its reason.`;
  const chart = byStatus(rows, lanes);
  const height = chart.rows.length * ROW_PX + 2 * BARS_MARGIN_PX;
  const body = html`${legend(lanes.series)}${figure('failures', 'Failed messages by status and lane, the figures are in the table below', height)}${reasons(rows, total)}`;
  return { body: section('failures', 'Failures', about, body), charts: { failures: chart } };
}

function byStatus(rows: readonly FailureRow[], lanes: LaneLegend): BarsChart {
  const total = messagesOf(rows);
  const statuses = [...Map.groupBy(rows, ({ status }) => status)].toSorted(
    ([, a], [, b]) => messagesOf(b) - messagesOf(a),
  );
  return {
    kind: 'bars',
    label: 'Failed messages by status and lane',
    rowPx: ROW_PX,
    series: lanes.series,
    rows: statuses.map(([status, of]) => {
      const values = lanes.series.map(({ name }) =>
        messagesOf(of.filter(({ lane }) => lanes.seriesOf(lane) === name)),
      );
      const parts = lanes.series.flatMap(({ name }, i) => {
        const count = values[i] ?? 0;
        return count === 0 ? [] : [`${shortened(name)} ${showCount(count)}`];
      });
      return {
        label: status,
        text: `${showCount(messagesOf(of))}`,
        tip: [
          `${status}: ${showCounted(messagesOf(of), 'message')}, ${showShare(messagesOf(of), total)}`,
          ...parts,
        ].join('\n'),
        values,
      };
    }),
  };
}

function reasons(rows: readonly FailureRow[], total: number): Html {
  const groups = [
    ...Map.groupBy(rows, ({ status, reason }) => JSON.stringify([status, reason])).values(),
  ].toSorted((a, b) => messagesOf(b) - messagesOf(a));
  const lines = groups.slice(0, MOST_ROWS).map((of) => reasonLine(of, total));
  const beyond = groups.slice(MOST_ROWS);
  const rest =
    beyond.length === 0
      ? null
      : row(`${showCount(beyond.length)} other reasons`, messagesOf(beyond.flat()), total);
  const hidden = lines.slice(SEEN_ROWS);
  const more = hidden.length + beyond.length;
  return html`${table(lines.slice(0, SEEN_ROWS))}${more === 0 ? null : folded(`${showCount(more)} more`, table([...hidden, ...(rest === null ? [] : [rest])]))}`;
}

function table(lines: readonly Html[]): Html {
  return html`<table class="reasons"><thead><tr><th scope="col">Status and reason</th><th scope="col" class="number">Messages</th><th scope="col" class="number">of failed</th></tr></thead><tbody>${lines}</tbody></table>`;
}

function reasonLine(of: readonly FailureRow[], total: number): Html {
  const [first] = of;
  const lanes = of
    .toSorted((a, b) => b.messages - a.messages)
    .map(
      ({ lane, messages }) =>
        html`<span>${lane === null ? 'lane not known' : foreign(lane)} ${showCount(messages)}</span>`,
    );
  const what = html`<code>${first?.status ?? ''}</code> ${first?.reason ? foreign(first.reason) : html`<i>no reason told</i>`}<small class="lanes">${lanes}</small>`;
  return row(what, messagesOf(of), total);
}

function row(what: Html | string, messages: number, total: number): Html {
  return html`<tr><th scope="row">${what}</th>${number(showCount(messages))}${number(showShare(messages, total))}</tr>`;
}

function messagesOf(rows: readonly { readonly messages: number }[]): number {
  return rows.reduce((sum, { messages }) => sum + messages, 0);
}
