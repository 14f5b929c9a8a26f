import type { Chart } from '../charts.ts';
import { type Html, html, type Part } from '../html.ts';
import type { LaneSeries } from '../lanes.ts';

/** A part of the page, and the charts that are drawn into it, by the names of their figures. */
export interface Section {
  readonly body: Html;
  readonly charts: Readonly<Record<string, Chart>>;
}

export function section(id: string, title: string, about: Part, body: Part): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<header><h2 id="${id}-title">${title}</h2>${about === null ? null : html`<p class="about">${about}</p>`}</header>
${body}
</section>`;
}

/** Said in words where there is nothing to draw. */
export function nothing(text: Part): Html {
  return html`<p class="nothing">${text}</p>`;
}

/** Where the script draws a chart; the same figures are in a table beside it. */
export function figure(name: string, label: string, heightPx: number): Html {
  return html`<figure class="chart" data-chart="${name}" aria-label="${label}" style="min-height:${heightPx}px"></figure>`;
}

export function legend(series: readonly LaneSeries[], more: Part = null): Html | null {
  if (series.length < 2 && more === null) return null;
  const items = series.map(
    ({ name, colour }) =>
      html`<li><span class="swatch" style="background:${colour}"></span>${foreign(name)}</li>`,
  );
  return html`<ul class="legend">${items}${more}</ul>`;
}

/** Text that others chose: it may be long, or written from right to left. */
export function foreign(text: string): Html {
  return html`<bdi class="foreign">${text}</bdi>`;
}

/** A table that scrolls by itself where the page is too narrow for it. */
export function scrolling(label: string, table: Html): Html {
  return html`<div class="scrolling" role="region" aria-label="${label}" tabindex="0">${table}</div>`;
}

/** What not everybody wants to see at once; on paper it is open. */
export function folded(summary: Part, body: Part): Html {
  return html`<details><summary>${summary}</summary>${body}</details>`;
}

export function number(text: Part): Html {
  return html`<td class="number">${text}</td>`;
}
