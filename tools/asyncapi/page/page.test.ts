/** The contract as a page: all of it is there, and it needs nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asyncApiDocument } from '../document.ts';
import { entriesAt, isList, isObject, type Json, textAt } from '../json.ts';
import { html, inline } from './html.ts';
import { renderPage } from './page.ts';

const document = asyncApiDocument();
const page = renderPage(document);

test('every channel and every server is on the page', () => {
  const addresses = entriesAt(document, 'channels').map(([, channel]) => textAt(channel, 'address'));
  const hosts = entriesAt(document, 'servers').map(([, server]) => textAt(server, 'host'));
  assert.equal(addresses.length, 9);
  for (const text of [...addresses, ...hosts]) assert.ok(page.includes(text), text);
});

test('every field, header and symbol is on the page, those of records within records too', () => {
  const names = new Set(
    entriesAt(document, 'components', 'messages').flatMap(([, message]) => namesIn(message)),
  );
  for (const name of ['event_id', 'lang_code', 'RETRYING', 'dlq_reason', 'paused', 'url_param', 'session_id'])
    assert.ok(names.has(name), name);
  // Those of all problems alike: they are seen in the bodies.
  const bodies = ['title', 'type', 'status'];
  for (const name of names) {
    if (bodies.includes(name)) assert.ok(page.includes(`&quot;${name}&quot;`), name);
    else assert.match(page, new RegExp(`<code>(?:[a-z_]+\\.)*${name}</code>|&quot;${name}&quot;`), name);
  }
});

/** The names of all fields and headers, and the symbols of enums. */
function namesIn(schema: Json): readonly string[] {
  if (isList(schema)) return schema.flatMap(namesIn);
  if (!isObject(schema)) return [];
  const { examples: _, bindings: __, ...rest } = schema;
  const fields = isList(rest['fields']) ? rest['fields'].map((field) => textAt(field, 'name')) : [];
  const symbols = isList(rest['symbols']) ? rest['symbols'].map(String) : [];
  const properties = entriesAt(rest, 'properties').map(([name]) => name);
  return [...fields, ...symbols, ...properties, ...Object.values(rest).flatMap(namesIn)];
}

test('the page has no script and asks for nothing, and its links lead to places on it', () => {
  assert.doesNotMatch(page, /<script|<img|<iframe|<link|\bsrc=|@import|url\(/i);
  const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, target]) => target ?? '');
  assert.ok(links.length > 20);
  for (const target of links) {
    assert.ok(target.startsWith('#'), target);
    assert.ok(page.includes(`id="${target.slice(1)}"`), target);
  }
});

test('text is escaped, and markdown of a line stands in it', () => {
  assert.equal(html`<b>${'<a & "b">'}</b>`.html, '<b>&lt;a &amp; &quot;b&quot;&gt;</b>');
  assert.equal(inline('see `x` & y').html, 'see <code>x</code> &amp; y');
});
