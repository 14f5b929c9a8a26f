import type { Figures, OpenMessage } from '../../figures.ts';
import type { ZoneClock } from '../clock.ts';
import { type Html, html } from '../html.ts';
import { NOT_KNOWN } from '../lanes.ts';
import { showCount, showCounted, showDuration } from '../numbers.ts';
import { foreign, nothing, type Section, section } from './parts.ts';

const MOST_ROWS = 200;

export function unclosed(
  { unclosed: { afterMinutes, count, oldest }, toMs }: Figures,
  clock: ZoneClock,
): Section {
  const after = showDuration(afterMinutes * 60_000);
  const title = 'Without a closing status';
  if (count === 0) {
    const text = `Every message of this range is closed, or had an event in its last ${after}.`;
    return { body: section('unclosed', title, null, nothing(text)), charts: {} };
  }
  const about = `${showCounted(count, 'message is', 'messages are')} not closed, and nothing was heard of ${count === 1 ? 'it' : 'them'} for ${after} or longer at the end of the range.`;
  const shown = oldest.slice(0, MOST_ROWS);
  const lines = shown.map((message) => line(message, toMs, clock));
  const heads = ['Lane', 'Source', 'Template', 'Status'].map(
    (name) => html`<th scope="col" role="columnheader">${name}</th>`,
  );
  const table = html`<table class="cards" role="table" aria-label="${title}"><thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Message</th>${heads}<th scope="col" role="columnheader" class="number">Last event</th><th scope="col" role="columnheader" class="number">Silent for</th></tr></thead><tbody role="rowgroup">${lines}</tbody></table>`;
  const rest =
    count > shown.length
      ? html`<p class="quiet">These are the oldest ${showCount(shown.length)}. <code>npm run report -- --audit</code> lists all.</p>`
      : null;
  return { body: section('unclosed', title, about, [table, rest]), charts: {} };
}

function line(message: OpenMessage, toMs: number, clock: ZoneClock): Html {
  const { messageId, sessionId, lastEventAtMs } = message;
  const id = messageId ?? sessionId;
  const name = id === null ? html`<i>${NOT_KNOWN}</i>` : html`<code>${foreign(id)}</code>`;
  const kind =
    messageId === null && sessionId !== null ? html` <small>session, its message is not known</small>` : null;
  return html`<tr role="row"><th scope="row" role="rowheader">${name}${kind}</th>${cell('lane', text(message.lane))}${cell('source', text(message.source))}${cell('template', text(message.templateName))}${cell('status', html`<code>${message.status}</code>`)}${cell('last event', clock.show(lastEventAtMs), 'number')}${cell('silent for', showDuration(toMs - lastEventAtMs), 'number')}</tr>`;
}

function cell(label: string, value: Html | string, kind = ''): Html {
  return html`<td role="cell" class="${kind}" data-label="${label}">${value}</td>`;
}

function text(value: string | null): Html {
  return value ? foreign(value) : html`<i>–</i>`;
}
