import { axisX, axisY, barY, gridY, plot, pointerX, ruleY, tickY, tip } from '@observablehq/plot';
import type { ColumnsChart } from '../charts.ts';
import type { PageElement } from './dom.ts';
import { compact, everyFew, GRID, QUIET, stacked, TIP } from './style.ts';

const HEIGHT_PX = 260;
const LABEL_PX = 48;
const MARGIN_LEFT_PX = 46;
/** A single day is no wall. */
const WIDEST_PX = 120;

/** Stacked columns, with what is charged as a line across each. */
export function columns({ label, series, columns: all }: ColumnsChart, widthPx: number): PageElement {
  const usedPx = Math.min(widthPx, MARGIN_LEFT_PX + all.length * WIDEST_PX);
  const pieces = all.flatMap((column, x) =>
    stacked(column.values).flatMap(({ from, to }, i) => {
      const colour = series[i]?.colour;
      return to > from && colour !== undefined ? [{ x, from, to, colour }] : [];
    }),
  );
  const tops = all.map((column, x) => ({
    x,
    tip: column.tip,
    charged: column.charged,
    total: column.values.reduce((sum, value) => sum + value, 0),
  }));
  return plot({
    width: usedPx,
    height: HEIGHT_PX,
    marginLeft: MARGIN_LEFT_PX,
    marginRight: 4,
    marginTop: 12,
    marginBottom: 26,
    ariaLabel: label,
    x: { type: 'band', domain: all.map((_, x) => x), padding: 0.22, label: null },
    y: { label: null, nice: true },
    marks: [
      gridY({ ticks: 5, ...GRID }),
      axisY({ ticks: 5, tickSize: 0, tickFormat: compact, fill: QUIET, label: null }),
      axisX(everyFew(all.length, LABEL_PX, usedPx - MARGIN_LEFT_PX), {
        tickSize: 0,
        tickPadding: 8,
        tickFormat: (x: number) => all[x]?.label ?? '',
        fill: QUIET,
        label: null,
      }),
      barY(pieces, { x: 'x', y1: 'from', y2: 'to', fill: 'colour' }),
      tickY(tops, { x: 'x', y: 'charged', stroke: 'var(--surface)', strokeWidth: 5 }),
      tickY(tops, { x: 'x', y: 'charged', stroke: 'var(--ink)', strokeWidth: 2.5 }),
      ruleY([0], { stroke: 'var(--grid)' }),
      tip(tops, pointerX({ x: 'x', y: 'total', title: 'tip', ...TIP })),
    ],
  });
}
