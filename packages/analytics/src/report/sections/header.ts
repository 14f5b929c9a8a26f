import type { Figures } from '../../figures.ts';
import type { ReportAbout } from '../about.ts';
import type { ZoneClock } from '../clock.ts';
import { type Html, html, type Part } from '../html.ts';
import { showCount, showCounted, showDuration, showShare } from '../numbers.ts';
import { foreign } from './parts.ts';

/** What the report is of, and the figures that one looks at first. */
export function header(figures: Figures, about: ReportAbout, clock: ZoneClock): Html {
  const { fromMs, toMs } = figures;
  return html`<header class="page">
<h1>WhatsApp messages</h1>
<p class="range"><time datetime="${iso(fromMs)}">${clock.show(fromMs)}</time> to <time datetime="${iso(toMs)}">${clock.show(toMs)}</time> <span class="quiet">(${showDuration(toMs - fromMs)})</span></p>
<dl class="facts">
<div><dt>Times</dt><dd>${clock.timeZone}, ${clock.offset(toMs)}</dd></div>
<div><dt>Made</dt><dd>${clock.show(about.madeAtMs)}</dd></div>
<div><dt>Read from</dt><dd>${foreign(about.readFrom)}</dd></div>
${(about.filters ?? []).map((filter) => html`<div><dt>Only</dt><dd>${foreign(filter)}</dd></div>`)}
<div><dt>Events</dt><dd>${showCount(figures.events)}, of these ${showCounted(figures.duplicates, 'duplicate')}</dd></div>
</dl>
${tiles(figures)}
</header>`;
}

function tiles({ total, messages, charged, unclosed }: Figures): Html {
  const share = (count: number) => `${showShare(count, total.requested)} of messages`;
  const after = `and nothing heard for ${showDuration(unclosed.afterMinutes * 60_000)}`;
  return html`<dl class="tiles">
${tile('Messages', messages, 'with an event in the range')}
${tile('Delivered', total.delivered, share(total.delivered))}
${tile('Read', total.read, share(total.read))}
${tile('Failed', total.failed, share(total.failed), total.failed > 0 ? 'failures' : null)}
${tile('Charged', charged, share(charged))}
${tile('Not closed', unclosed.count, after, unclosed.count > 0 ? 'unclosed' : null)}
</dl>`;
}

function tile(name: string, count: number, note: Part, to: string | null = null): Html {
  const shown = showCount(count);
  const value = to === null ? shown : html`<a href="#${to}">${shown}</a>`;
  return html`<div><dt>${name}</dt><dd class="value">${value}</dd><dd class="quiet">${note}</dd></div>`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
