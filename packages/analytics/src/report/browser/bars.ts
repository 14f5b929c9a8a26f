import { axisY, barX, plot, pointerY, text, tip } from '@observablehq/plot';
import { BARS_MARGIN_PX, type BarsChart } from '../charts.ts';
import type { PageElement } from './dom.ts';
import { roomFor, stacked, TIP } from './style.ts';

/** Bars that lie, with their figure at the end. */
export function bars({ label, series, rows, rowPx }: BarsChart, widthPx: number): PageElement {
  const pieces = rows.flatMap((row, y) =>
    stacked(row.values).flatMap(({ from, to }, i) => {
      const colour = series[i]?.colour;
      return to > from && colour !== undefined ? [{ y, from, to, colour }] : [];
    }),
  );
  const ends = rows.map((row, y) => ({
    ...row,
    y,
    total: row.values.reduce((sum, value) => sum + value, 0),
  }));
  const texts = rows.map((row) => row.text);
  return plot({
    width: widthPx,
    height: rows.length * rowPx + 2 * BARS_MARGIN_PX,
    marginLeft: roomFor(
      rows.map((row) => row.label),
      widthPx * 0.45,
    ),
    marginRight: roomFor(texts, widthPx * 0.3),
    marginTop: BARS_MARGIN_PX,
    marginBottom: BARS_MARGIN_PX,
    ariaLabel: label,
    x: { axis: null },
    y: { domain: rows.map((_, y) => y), padding: 0.28, label: null },
    marks: [
      axisY({ tickSize: 0, tickPadding: 8, label: null, tickFormat: (y: number) => rows[y]?.label ?? '' }),
      barX(pieces, { x1: 'from', x2: 'to', y: 'y', fill: 'colour' }),
      text(ends, { x: 'total', y: 'y', text: 'text', textAnchor: 'start', dx: 7 }),
      tip(ends, pointerY({ x: 'total', y: 'y', title: 'tip', ...TIP })),
    ],
  });
}
