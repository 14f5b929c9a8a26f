/** Text that is HTML already: everything foreign in it has been escaped. */
export interface Html {
  readonly html: string;
}

export type Part = string | number | Html | null | readonly Part[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for attributes in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** A template of HTML: whatever is put into it is escaped, unless it was made by `html` or `trusted`. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: strings.map((text, i) => text + written(parts[i] ?? null)).join('') };
}

/** For what is ours: the style sheet, the script. */
export function trusted(text: string): Html {
  return { html: text };
}

function written(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map(written).join('');
}

/** JSON for a `<script>` element, which ends at `</script` whatever stands around it. */
export function scriptJson(value: unknown): Html {
  return trusted(JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, unicodeEscape));
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
