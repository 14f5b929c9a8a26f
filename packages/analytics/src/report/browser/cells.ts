import { axisX, axisY, cell, plot, pointer, tip } from '@observablehq/plot';
import type { CellsChart } from '../charts.ts';
import type { PageElement } from './dom.ts';
import { everyFew, QUIET, roomFor, TIP } from './style.ts';

const ROW_PX = 22;
const LABEL_PX = 42;

/** Rows of hours, the darker the more messages there are. */
export function cells({ label, rows, columns, cells: all }: CellsChart, widthPx: number): PageElement {
  const drawn = all.flatMap((row, y) =>
    row.flatMap((one, x) => (one === null ? [] : [{ x, y, messages: one.messages, tip: one.tip }])),
  );
  const most = drawn.reduce((top, { messages }) => Math.max(top, messages), 1);
  const marginLeft = roomFor(rows, widthPx * 0.3);
  return plot({
    width: widthPx,
    height: rows.length * ROW_PX + 30,
    marginLeft,
    marginRight: 2,
    marginTop: 2,
    marginBottom: 28,
    ariaLabel: label,
    x: { type: 'band', domain: columns.map((_, x) => x), padding: 0.06, label: null },
    y: { type: 'band', domain: rows.map((_, y) => y), padding: 0.08, label: null },
    opacity: { type: 'sqrt', domain: [0, most], range: [0.06, 1] },
    marks: [
      axisY({
        tickSize: 0,
        tickPadding: 8,
        tickFormat: (y: number) => rows[y] ?? '',
        fill: QUIET,
        label: null,
      }),
      axisX(everyFew(columns.length, LABEL_PX, widthPx - marginLeft), {
        tickSize: 0,
        tickPadding: 6,
        tickFormat: (x: number) => columns[x] ?? '',
        fill: QUIET,
        label: null,
      }),
      cell(drawn, { x: 'x', y: 'y', fill: 'var(--all)', fillOpacity: 'messages', rx: 2 }),
      tip(drawn, pointer({ x: 'x', y: 'y', title: 'tip', ...TIP })),
    ],
  });
}
