import { axisY, gridY, plot, pointerX, rect, ruleX, ruleY, text, tip } from '@observablehq/plot';
import type { HistogramChart } from '../charts.ts';
import type { PageElement } from './dom.ts';
import { compact, GRID, QUIET, TIP } from './style.ts';

const HEIGHT_PX = 190;
const TICK_LABEL_PX = 50;
const MARK_LINE_PX = 15;
const MARGIN_TOP_PX = 3 * MARK_LINE_PX + 4;
const MARGIN_BOTTOM_PX = 26;
const PLOT_PX = HEIGHT_PX - MARGIN_TOP_PX - MARGIN_BOTTOM_PX;

/** Messages by time on a logarithmic scale, and where half of them, 95 and 99 of 100 had come. */
export function histogram(chart: HistogramChart, widthPx: number): PageElement {
  const { label, fromMs, toMs, ticks, bins, marks } = chart;
  const drawn = bins.map((bin) => ({ ...bin, middleMs: Math.sqrt(bin.fromMs * bin.toMs) }));
  const step = Math.max(1, Math.ceil((ticks.length * TICK_LABEL_PX) / widthPx));
  // Plot's own axis labels powers of ten alone, and a minute is none.
  const shownTicks = ticks.filter((_, i) => i % step === 0);
  // Nearer to the end than to the begin, so that the label has its room.
  const isLate = (ms: number) => Math.log(ms / fromMs) > 0.75 * Math.log(toMs / fromMs);
  return plot({
    width: widthPx,
    height: HEIGHT_PX,
    marginTop: MARGIN_TOP_PX,
    marginLeft: 40,
    marginRight: 12,
    marginBottom: MARGIN_BOTTOM_PX,
    ariaLabel: label,
    x: { type: 'log', domain: [fromMs, toMs], axis: null },
    y: { label: null, nice: true },
    marks: [
      gridY({ ticks: 3, ...GRID }),
      axisY({ ticks: 3, tickSize: 0, tickFormat: compact, fill: QUIET, label: null }),
      ruleX(shownTicks, { x: 'ms', stroke: 'var(--grid)', insetTop: PLOT_PX, insetBottom: -5 }),
      text(shownTicks, {
        x: 'ms',
        text: 'label',
        frameAnchor: 'bottom',
        lineAnchor: 'top',
        dy: 9,
        fill: QUIET,
      }),
      rect(drawn, {
        x1: 'fromMs',
        x2: 'toMs',
        y1: 0,
        y2: 'messages',
        fill: 'var(--all)',
        insetLeft: 0.5,
        insetRight: 0.5,
      }),
      ruleY([0], { stroke: 'var(--grid)' }),
      marks.map((mark, i) => [
        ruleX([mark], {
          x: 'ms',
          stroke: 'var(--ink)',
          strokeDasharray: '3,3',
          insetTop: (i - 3) * MARK_LINE_PX + 6,
        }),
        text([mark], {
          x: 'ms',
          text: 'label',
          frameAnchor: 'top',
          lineAnchor: 'top',
          textAnchor: isLate(mark.ms) ? 'end' : 'start',
          dx: isLate(mark.ms) ? -5 : 5,
          dy: (i - 3) * MARK_LINE_PX,
        }),
      ]),
      tip(drawn, pointerX({ x: 'middleMs', y: 'messages', title: 'tip', ...TIP })),
    ],
  });
}
