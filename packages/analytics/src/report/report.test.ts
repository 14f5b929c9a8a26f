import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Figures } from '../figures.ts';
import { renderReport } from './report.ts';
import { ABOUT, EMPTY_FIGURES, sampleFigures } from './test-support.ts';

const HOSTILE = `</script><script>alert(1)</script><img src=x onerror="alert(2)">'&\u202e`;
/** The charts' library names namespaces by their addresses; nothing is fetched of them. */
const SCRIPTS = /<script>[\s\S]*?<\/script>/g;

function hostileFigures(): Figures {
  const figures = sampleFigures(2);
  return {
    ...figures,
    funnels: figures.funnels.map((row) => ({ ...row, value: `${row.dimension} ${HOSTILE}` })),
    failures: figures.failures.map((row) => ({ ...row, lane: HOSTILE, reason: HOSTILE })),
    volume: figures.volume.map((row) => ({ ...row, lane: HOSTILE })),
    latencies: figures.latencies.map((row) => ({ ...row, lane: row.lane === null ? null : HOSTILE })),
    unclosed: {
      ...figures.unclosed,
      oldest: figures.unclosed.oldest.map((message) => ({
        ...message,
        messageId: HOSTILE,
        lane: HOSTILE,
        source: HOSTILE,
        templateName: HOSTILE,
      })),
    },
  };
}

test('the figures are on the page', () => {
  const page = renderReport(sampleFigures(), ABOUT).replaceAll('\u202f', ' ');
  const expected = [
    '2026-11-01 00:00:00',
    'Asia/Jakarta, GMT+7',
    'Kafka at 127.0.0.1:9092',
    'flash_sale_november',
    'Verihubs answered 400: template parameter count mismatch',
    '812 duplicates',
    'not known',
    'none given',
    '23 messages are not closed',
  ];
  for (const text of expected) assert.ok(page.includes(text), text);
});

test('foreign text stays text, wherever it comes', () => {
  const page = renderReport(hostileFigures(), { ...ABOUT, readFrom: HOSTILE, filters: [HOSTILE] });
  assert.equal(page.match(/<script/g)?.length, 2, 'the data and the script that draws it');
  assert.equal(page.match(/<\/script/g)?.length, 2);
  assert.doesNotMatch(page, /<img/);
  const data = /<script type="application\/json" id="charts">(.*?)<\/script>/.exec(page)?.[1] ?? '';
  assert.ok(JSON.stringify(JSON.parse(data)).includes('alert(1)'));
});

test('the page asks nobody for anything, and its policy holds it to that', () => {
  const page = renderReport(sampleFigures(), ABOUT);
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'") ?? '';
  const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '';
  const hash = createHash('sha256').update(script).digest('base64');
  assert.match(policy, /^default-src 'none';/);
  assert.ok(policy.includes(`script-src 'sha256-${hash}'`));
  assert.doesNotMatch(page.replace(SCRIPTS, ''), /https?:|src=|url\(|@import/);
});

test('a page is small, also of much', () => {
  assert.ok(renderReport(sampleFigures(), ABOUT).length < 450_000);
  const figures = sampleFigures(60);
  const [funnel] = figures.funnels;
  const [open] = figures.unclosed.oldest;
  assert.ok(funnel && open);
  const page = renderReport(
    {
      ...figures,
      funnels: Array.from({ length: 5_000 }, (_, i) => ({ ...funnel, value: `template_${i}` })),
      failures: Array.from({ length: 5_000 }, (_, i) => ({
        status: 'FAILED',
        lane: 'otp',
        reason: `r${i}`,
        messages: 1,
      })),
      unclosed: { afterMinutes: 60, count: 90_000, oldest: Array.from({ length: 1_000 }, () => open) },
    },
    ABOUT,
  );
  assert.ok(page.length < 700_000, String(page.length));
  assert.match(page, /4\u202f900 others/);
  assert.match(page, /These are the oldest 200\./);
});

test('where there is nothing, it is said in words', () => {
  const page = renderReport(EMPTY_FIGURES, ABOUT);
  const said = [...page.matchAll(/<p class="nothing">(.*?)<\/p>/g)].map(([, text]) => text);
  assert.equal(said.length, 5);
  assert.doesNotMatch(page.replace(SCRIPTS, ''), /data-chart="|NaN|Infinity|undefined/);
});

test('what has no zone is refused', () => {
  assert.throws(() => renderReport(EMPTY_FIGURES, { ...ABOUT, timeZone: 'Jakarta' }), RangeError);
});
