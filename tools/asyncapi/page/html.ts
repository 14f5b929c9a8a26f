import { marked } from 'marked';

/** A piece of HTML: what is put into it as plain text has been escaped. */
export interface Html {
  readonly html: string;
}

type Part = string | number | Html | readonly Html[];

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text between the parts is taken as HTML; parts that are texts are escaped. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: texts.map((text, i) => text + written(parts[i] ?? '')).join('') };
}

function written(part: Part): string {
  if (typeof part === 'string' || typeof part === 'number')
    return String(part).replace(/[&<>"]/g, (character) => ESCAPES[character] ?? '');
  return 'html' in part ? part.html : part.map((one) => one.html).join('\n');
}

/** Markdown of our own: HTML in it stays HTML. */
export function markdown(text: string): Html {
  return { html: marked.parse(text, { async: false }) };
}

/** The same of one paragraph, without its element. */
export function inline(text: string): Html {
  return { html: markdown(text).html.replace(/^<p>|<\/p>\n?$/g, '') };
}

/** A table that can be wider than the page. */
export function table(head: readonly string[], rows: readonly (readonly Html[])[]): Html {
  return html`<div class="table"><table><thead><tr>${head.map((cell) => html`<th>${cell}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}
