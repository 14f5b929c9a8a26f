/** Draws the charts of a report, each as wide as its figure, and again when that changes. */
import type { Chart } from '../charts.ts';
import { bars } from './bars.ts';
import { cells } from './cells.ts';
import { columns } from './columns.ts';
import { browser, type PageElement } from './dom.ts';
import { histogram } from './histogram.ts';

function draw(chart: Chart, widthPx: number): PageElement {
  switch (chart.kind) {
    case 'bars':
      return bars(chart, widthPx);
    case 'histogram':
      return histogram(chart, widthPx);
    case 'columns':
      return columns(chart, widthPx);
    case 'cells':
      return cells(chart, widthPx);
  }
}

const { document, ResizeObserver } = browser();
const charts: Readonly<Record<string, Chart>> = JSON.parse(
  document.getElementById('charts')?.textContent ?? '{}',
);

for (const figure of document.querySelectorAll('[data-chart]')) {
  const chart = charts[figure.dataset['chart'] ?? ''];
  if (chart === undefined) continue;
  let drawnPx = 0;
  const redraw = () => {
    if (figure.clientWidth === drawnPx || figure.clientWidth === 0) return;
    drawnPx = figure.clientWidth;
    figure.replaceChildren(draw(chart, drawnPx));
  };
  redraw();
  new ResizeObserver(redraw).observe(figure);
}
