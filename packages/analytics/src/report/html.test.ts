import assert from 'node:assert/strict';
import { test } from 'node:test';
import { html, scriptJson, trusted } from './html.ts';

test('what is put into a template is escaped, in text and in attributes', () => {
  const foreign = `</script><img src=x onerror='a'>"&`;
  assert.equal(
    html`<p title="${foreign}">${foreign}</p>`.html,
    '<p title="&lt;/script&gt;&lt;img src=x onerror=&#39;a&#39;&gt;&quot;&amp;">&lt;/script&gt;&lt;img src=x onerror=&#39;a&#39;&gt;&quot;&amp;</p>',
  );
});

test('templates nest, in lists too, and nothing is null', () => {
  const items = ['<a>', '<b>'].map((text) => html`<li>${text}</li>`);
  assert.equal(
    html`<ul>${items}${null}${3}${trusted('<hr>')}</ul>`.html,
    '<ul><li>&lt;a&gt;</li><li>&lt;b&gt;</li>3<hr></ul>',
  );
});

test('JSON in a script neither ends it nor opens a comment, and is the same JSON', () => {
  const value = { name: '</script><!--<script>&\u2028', list: [1, null] };
  const { html: text } = scriptJson(value);
  assert.doesNotMatch(text, /[<>&\u2028]/);
  assert.deepEqual(JSON.parse(text), value);
});
