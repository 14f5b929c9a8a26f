import { readFileSync } from 'node:fs';
import { at, entriesAt, type Json, type JsonObject, listAt, refName, textAt } from '../json.ts';
import { fieldTable } from './fields.ts';
import { type Html, html, inline, markdown, table } from './html.ts';

const STYLE = readFileSync(new URL('page.css', import.meta.url), 'utf8');

/**
 * Renders our AsyncAPI document for people, as one page without scripts that asks for nothing else. The usual
 * renderer, AsyncAPI's React component, folds the fields of nested records away behind buttons that need a script, and
 * unfolded it is some three hundred screens long; it also shows Avro as JSON Schema.
 */
export function renderPage(document: JsonObject): string {
  const channels = entriesAt(document, 'channels');
  const [topics, faces] = [
    channels.filter(([, one]) => isTopic(one)),
    channels.filter(([, one]) => !isTopic(one)),
  ];
  const title = `${textAt(document, 'info', 'title')} ${textAt(document, 'info', 'version')}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}: the contract</title>
<style>${{ html: STYLE }}</style>
</head>
<body>
<nav>${contents(document, topics, faces)}</nav>
<main>
<h1>${title}: the contract</h1>
${markdown(textAt(document, 'info', 'description'))}
<h2 id="topics">Topics</h2>
${topicTable(topics)}
${topics.map(([name, channel]) => topicSection(document, name, channel))}
<h2 id="messages">What is in the topics</h2>
${messagesOf(topics).map((name) => messageSection(name, at(document, 'components', 'messages', name) ?? {}))}
<h2 id="http">HTTP</h2>
${faces.map(([name, channel]) => faceSection(document, name, channel))}
<h2 id="servers">Servers</h2>
${table(
  ['server', 'address', ''],
  entriesAt(document, 'servers').map(([name, server]) => [
    html`<code>${name}</code>`,
    html`<code>${textAt(server, 'protocol')}://${textAt(server, 'host')}</code>`,
    inline(textAt(server, 'description')),
  ]),
)}
</main>
</body>
</html>
`;
  return page.html;
}

type Channel = readonly [string, Json];

function isTopic(channel: Json): boolean {
  return at(channel, 'bindings', 'kafka') !== undefined;
}

function messagesOf(channels: readonly Channel[]): readonly string[] {
  return [
    ...new Set(channels.flatMap(([, channel]) => entriesAt(channel, 'messages').map(([name]) => name))),
  ];
}

function contents(document: JsonObject, topics: readonly Channel[], faces: readonly Channel[]): Html {
  const link = (id: string, text: string) => html`<li><a href="#${id}">${text}</a></li>`;
  const titles = (channels: readonly Channel[]) =>
    channels.map(([name, one]) => link(name, textAt(one, 'title')));
  const messages = messagesOf(topics).map((name) =>
    link(`message-${name}`, textAt(document, 'components', 'messages', name, 'title')),
  );
  return html`<ul>${link('topics', 'Topics')}<ul>${titles(topics)}</ul>
${link('messages', 'Messages')}<ul>${messages}</ul>
${link('http', 'HTTP')}<ul>${titles(faces)}</ul>
${link('servers', 'Servers')}</ul>`;
}

function topicTable(topics: readonly Channel[]): Html {
  return table(
    ['topic', 'partitions', 'settings', 'messages'],
    topics.map(([name, channel]) => [
      html`<a href="#${name}"><code>${textAt(channel, 'address')}</code></a>`,
      html`${String(at(channel, 'bindings', 'kafka', 'partitions'))}`,
      html`${entriesAt(channel, 'bindings', 'kafka', 'topicConfiguration').map(
        ([setting, value]) => html`<code>${setting}=${String(value)}</code><br>`,
      )}`,
      html`${entriesAt(channel, 'messages').map(([message]) => html`<a href="#message-${message}">${message}</a><br>`)}`,
    ]),
  );
}

function operationsOf(document: JsonObject, channel: string): readonly Json[] {
  return entriesAt(document, 'operations')
    .map(([, operation]) => operation)
    .filter((operation) => refName(at(operation, 'channel')) === channel);
}

function topicSection(document: JsonObject, name: string, channel: Json): Html {
  const operations = operationsOf(document, name).map((operation) => {
    const yours = textAt(operation, 'action') === 'receive' ? 'you publish' : 'you subscribe';
    return html`<p class="operation"><span>${yours}</span> ${inline(textAt(operation, 'summary'))}</p>`;
  });
  return html`<section><h3 id="${name}">${textAt(channel, 'title')} <code>${textAt(channel, 'address')}</code></h3>
${operations}
${markdown(textAt(channel, 'description'))}</section>`;
}

function messageSection(name: string, message: Json): Html {
  const headers = at(message, 'headers');
  const key = textAt(message, 'bindings', 'kafka', 'key', 'description');
  return html`<section><h3 id="message-${name}">${textAt(message, 'title')}</h3>
${markdown(textAt(message, 'description'))}
<p><strong>Key</strong>: ${inline(key)} <strong>Value</strong>: <code>${textAt(message, 'contentType')}</code></p>
${fieldTable(at(message, 'payload') ?? {})}
${headers === undefined ? '' : html`<h4>Headers</h4>${fieldTable(headers)}`}
${listAt(message, 'examples').map(exampleOf)}</section>`;
}

function exampleOf(example: Json): Html {
  const headers = at(example, 'headers');
  const shown = (value: Json | undefined) =>
    typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
  return html`<details><summary>Example: ${inline(textAt(example, 'summary') || textAt(example, 'name'))}</summary>
<pre>${shown(at(example, 'payload'))}</pre>
${headers === undefined ? '' : html`<p>with the headers</p><pre>${shown(headers)}</pre>`}</details>`;
}

/** The bodies of an answer in one fold: they are short, and alike. */
function bodiesOf(answer: Json): Html | string {
  const bodies = listAt(answer, 'examples').map(
    (example) => html`<pre>${JSON.stringify(at(example, 'payload'))}</pre>`,
  );
  return bodies.length === 0 ? '' : html`<details><summary>Body</summary>${bodies}</details>`;
}

function faceSection(document: JsonObject, name: string, channel: Json): Html {
  const operations = operationsOf(document, name);
  const [request, ...answers] = entriesAt(channel, 'messages').map(
    ([message]) => at(document, 'components', 'messages', message) ?? {},
  );
  const calls = operations.map((operation) => {
    const method = textAt(operation, 'bindings', 'http', 'method');
    return html`<p class="operation"><span>${method}</span> ${inline(textAt(operation, 'summary'))}</p>`;
  });
  return html`<section><h3 id="${name}">${textAt(channel, 'title')} <code>${textAt(channel, 'address')}</code></h3>
${calls}
${markdown(textAt(channel, 'description'))}
${fieldTable(at(request, 'payload') ?? {})}
${at(request, 'headers') === undefined ? '' : html`<h4>Headers</h4>${fieldTable(at(request, 'headers') ?? {})}`}
${listAt(request, 'examples').map(exampleOf)}
<h4>Answers</h4>
${table(
  ['status', 'content', 'meaning'],
  answers.map((answer) => [
    html`${String(at(answer, 'bindings', 'http', 'statusCode'))}`,
    html`<code>${textAt(answer, 'contentType')}</code>`,
    html`${markdown(textAt(answer, 'description'))}${bodiesOf(answer)}`,
  ]),
)}</section>`;
}
