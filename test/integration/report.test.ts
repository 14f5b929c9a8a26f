/**
 * The report in a real browser: from generated figures, and by `npm run report` from events in a real Kafka. With
 * SCREENSHOTS=folder, pictures of the pages are kept there.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Figures, renderReport } from '@whatsapp-stream/analytics';
import {
  createEncoder,
  newStatusEvent,
  type Status,
  subjectOf,
  type TopicNames,
} from '@whatsapp-stream/schemas';
import type { Browser, Page } from 'playwright-core';
import { ABOUT, EMPTY_FIGURES, sampleFigures } from '../../packages/analytics/src/report/test-support.ts';
import { findBrowser, startBrowser } from '../support/browser.ts';
import { runCommand, useCommands } from '../support/commands.ts';

const WIDTHS = [400, 1_280] as const;
const SCHEMES = ['light', 'dark'] as const;
/** For text of the usual size: https://www.w3.org/TR/WCAG22/#contrast-minimum */
const LEAST_CONTRAST = 4.5;

const found = await findBrowser();
const skip = found.ok ? false : found.reason;
const folder = await mkdtemp(join(tmpdir(), 'whatsapp-stream-report-test-'));
let browser: Browser | undefined;

before(async () => {
  if (found.ok) browser = await startBrowser(found.path);
});
after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A page, and all that it complained of or asked for beside its own file. */
interface Opened {
  readonly page: Page;
  readonly complaints: readonly string[];
}

async function open(
  file: string,
  width: number = 1_280,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<Opened> {
  assert.ok(browser);
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  const url = pathToFileURL(file).href;
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== url && request.url() !== 'data:,') complaints.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}

async function written(name: string, figures: Figures): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, renderReport(figures, ABOUT));
  return file;
}

/** What is wider than the page, and text that can hardly be read: `[text, contrast]`. Runs in the page. */
const LOOK = `(() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = colour.map((c) => { const s = c / 255; return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const [r, g, b, a = 1] = rgb(getComputedStyle(e).backgroundColor);
      if (a === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const contrast = (element, colour) => {
    const [x, y] = [luminance(rgb(colour)), luminance(ground(element))].map((l) => l + 0.05);
    return Math.max(x, y) / Math.min(x, y);
  };
  const faint = [];
  for (const element of document.querySelectorAll('body *:not(script)')) {
    const text = [...element.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim()).join('');
    if (text === '' || element.closest('style, title')) continue;
    const style = getComputedStyle(element);
    const ratio = contrast(element, element.closest('svg') ? style.fill : style.color);
    if (!(ratio >= ${LEAST_CONTRAST})) faint.push(text.slice(0, 30) + ': ' + ratio);
  }
  return {
    faint,
    ground: ground(document.body),
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  };
})()`;

interface Looked {
  readonly faint: readonly string[];
  readonly ground: readonly number[];
  readonly overflow: number;
}

/** How many shapes each chart has, and those that are no shape or not within it. Runs in the page. */
const CHARTS = `Object.fromEntries([...document.querySelectorAll('[data-chart]')].map((figure) => {
  const svg = figure.querySelector('svg');
  const outer = svg.getBoundingClientRect();
  const shapes = [...svg.querySelectorAll('rect')].map((rect) => rect.getBoundingClientRect());
  const odd = shapes.filter((box) => !(box.width > 0 && box.height > 0 && box.left >= outer.left - 1 && box.right <= outer.right + 1 && box.top >= outer.top - 1 && box.bottom <= outer.bottom + 1));
  return [figure.dataset.chart, { shapes: shapes.length, odd: odd.length, widthPx: Math.round(outer.width), figurePx: figure.clientWidth, isDrawn: !/NaN|undefined/.test(svg.outerHTML) }];
}))`;

interface DrawnChart {
  readonly shapes: number;
  readonly odd: number;
  readonly widthPx: number;
  readonly figurePx: number;
  readonly isDrawn: boolean;
}

async function screenshot(page: Page, name: string): Promise<void> {
  const kept = process.env['SCREENSHOTS'] ?? folder;
  const picture = await page.screenshot({ fullPage: true, path: join(kept, `${name}.png`) });
  assert.ok(picture.length > 10_000, 'a picture with something on it');
}

describe('the report in a browser', { skip }, () => {
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      test(`${colorScheme}, ${width} px wide: nothing is cut off, too faint or fetched, and the charts are drawn`, async () => {
        const { page, complaints } = await open(
          await written('full.html', sampleFigures()),
          width,
          colorScheme,
        );
        const looked: Looked = await page.evaluate(LOOK);
        assert.deepEqual({ faint: looked.faint, overflow: looked.overflow }, { faint: [], overflow: 0 });
        assert.equal((looked.ground[0] ?? 0) > 128, colorScheme === 'light');
        const charts: Readonly<Record<string, DrawnChart>> = await page.evaluate(CHARTS);
        const names = [
          'funnel',
          'failures',
          'time-accepted',
          'time-sent',
          'time-delivered',
          'time-read',
          'days',
          'hours',
        ];
        assert.deepEqual(Object.keys(charts), names);
        for (const [name, chart] of Object.entries(charts)) {
          assert.deepEqual({ name, odd: chart.odd, isDrawn: chart.isDrawn }, { name, odd: 0, isDrawn: true });
          assert.ok(chart.widthPx <= chart.figurePx && chart.widthPx >= 0.9 * chart.figurePx, name);
        }
        assert.equal(charts['funnel']?.shapes, 5);
        assert.equal(charts['hours']?.shapes, 13 * 24 + 20, 'a cell for each hour of the range');
        await screenshot(page, `report-${colorScheme}-${width}`);
        assert.deepEqual(complaints, []);
        await page.close();
      });
    }
  }

  test('bars are as long as the figures that they stand for', async () => {
    const figures = sampleFigures();
    const { page } = await open(await written('bars.html', figures));
    const widths: readonly number[] = await page.evaluate(
      `[...document.querySelectorAll('[data-chart=funnel] rect')].map((rect) => rect.getBoundingClientRect().width)`,
    );
    const [all = 0] = widths;
    const { requested, read } = figures.total;
    assert.ok(Math.abs((widths.at(-1) ?? 0) / all - read / requested) < 0.01);
    await page.close();
  });

  test('a chart tells its figures under the pointer, and follows the width of the window', async () => {
    const { page } = await open(await written('tips.html', sampleFigures()));
    const days = page.locator('[data-chart=days] svg');
    await days.scrollIntoViewIfNeeded();
    await days.hover({ position: { x: 300, y: 150 } });
    // The axis names no year.
    await page.waitForFunction(
      `/2026-11-\\d\\d/.test(document.querySelector('[data-chart=days] svg').textContent)`,
    );
    assert.match((await days.textContent()) ?? '', /transactional/);
    await page.setViewportSize({ width: 500, height: 900 });
    await page.waitForFunction(`document.querySelector('[data-chart=days] svg').clientWidth < 500`);
    await page.close();
  });

  test('what others named stays within its place, is shown as it is, and runs nothing', async () => {
    const name = `<script>document.title='run'</script><b>${'very_long_name_'.repeat(12)}`;
    const figures = sampleFigures();
    const foreign: Figures = {
      ...figures,
      funnels: figures.funnels.map((row) => ({ ...row, value: name })),
      failures: figures.failures.map((row) => ({ ...row, lane: name, reason: name })),
      volume: figures.volume.map((row) => ({ ...row, lane: name })),
    };
    for (const width of WIDTHS) {
      const { page, complaints } = await open(await written('foreign.html', foreign), width);
      const looked: Looked = await page.evaluate(LOOK);
      assert.equal(looked.overflow, 0);
      assert.equal(await page.locator('table.funnel bdi').first().textContent(), name);
      assert.match(await page.title(), /^WhatsApp messages/);
      assert.deepEqual(complaints, []);
      await screenshot(page, `foreign-${width}`);
      await page.close();
    }
  });

  test('without anything to tell, and without a script, it can be read', async () => {
    const { page, complaints } = await open(await written('empty.html', EMPTY_FIGURES), 400);
    assert.equal(await page.locator('.nothing').count(), 5);
    assert.equal(await page.locator('svg').count(), 0);
    assert.deepEqual(complaints, []);
    await page.close();
    assert.ok(browser);
    const plain = await browser.newPage({ javaScriptEnabled: false });
    await plain.goto(pathToFileURL(await written('plain.html', sampleFigures())).href);
    const headings = await plain.getByRole('heading', { level: 2 }).allTextContents();
    assert.deepEqual(headings, ['Funnel', 'Failures', 'Times', 'Volume', 'Without a closing status']);
    assert.ok((await plain.getByRole('row').count()) > 40);
    await plain.close();
  });
});

const { kafka, registry, ownTopics, environment } = await useCommands('report');

type Told = readonly [id: string, minutesAgo: number, ...statuses: Status[]];

async function publish(names: TopicNames, journeys: readonly Told[]): Promise<void> {
  const encoder = await createEncoder(registry, 'StatusEvent', subjectOf(names.status));
  const now = Date.now();
  const producer = await kafka.producer();
  await producer.send(
    journeys.flatMap(([id, minutesAgo, ...statuses]) =>
      statuses.map((status, i) => {
        const isCallback = ['SENT', 'DELIVERED', 'READ'].includes(status);
        const event = newStatusEvent({
          event_id: `${id}-${i}`,
          message_id: id,
          status,
          origin: isCallback ? 'CALLBACK' : 'SENDER',
          attempt: 1,
          attempt_id: '1-test',
          occurred_at: now - minutesAgo * 60_000 + i * 900,
          ...(isCallback ? {} : { lane: 'otp', source: 'shop <b>', template_name: 'login' }),
        });
        return { topic: names.status, key: id, value: encoder.encode(event) };
      }),
    ),
  );
  await producer.close();
}

describe('npm run report', () => {
  test('from Kafka: a page, an audit, and nothing left in the folder for temporary files', async () => {
    const names = await ownTopics();
    await publish(names, [
      ['m-1', 90, 'ATTEMPTED', 'ACCEPTED', 'SENT', 'DELIVERED', 'READ'],
      ['m-2', 90, 'ATTEMPTED', 'ACCEPTED', 'SENT'],
      ['m-3', 5, 'ATTEMPTED', 'ACCEPTED'],
      ['m-4', 5, 'REFUSED'],
    ]);
    const temporary = await mkdtemp(join(folder, 'tmp-'));
    const env = { ...environment(names), TMPDIR: temporary };
    const out = join(folder, 'whole.html');
    const [ended, audit, clean] = await Promise.all([
      runCommand('report', ['--from', '1h', '--out', out, '--time-zone', 'Asia/Jakarta'], env),
      runCommand('report', ['--audit', '--from', '1h', '--after', '30m', '--json'], env),
      runCommand('report', ['--audit', '--from', '1h', '--after', '2h'], env),
    ]);
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /^4 messages in 11 events: 1 delivered, 1 of these read, 1 failed/);
    assert.match(ended.stdout, new RegExp(`the page: ${out}`));
    const page = await readFile(out, 'utf8');
    assert.match(page, /shop &lt;b&gt;/);
    assert.match(page, /1 message is not closed/);
    assert.equal(audit.code, 1, audit.stderr);
    const listed = audit.stdout.trim().split('\n');
    assert.deepEqual(
      listed.map((line) => JSON.parse(line).message_id),
      ['m-2'],
    );
    assert.match(audit.stderr, /^1 message is not closed/m);
    assert.deepEqual([clean.code, clean.stdout], [0, '']);
    assert.deepEqual(await readdir(temporary), []);
    if (!browser) return;
    const opened = await open(out);
    assert.deepEqual(opened.complaints, []);
    assert.equal(await opened.page.locator('[data-chart=days] svg').count(), 1);
    await opened.page.close();
  });

  test('a range without events gives a page that says so', async () => {
    const out = join(folder, 'nothing.html');
    const ended = await runCommand('report', ['--from', '1h', '--out', out], environment(await ownTopics()));
    assert.deepEqual([ended.code, ended.stderr], [0, '']);
    assert.match(await readFile(out, 'utf8'), /No message in this range/);
  });

  test('what cannot be done is said, with an exit code of its own', async () => {
    const env = environment(await ownTopics());
    const cases: [readonly string[], number, RegExp][] = [
      [
        ['--from', '1h', '--to', '2h', '--time-zone', 'Jakarta'],
        64,
        /later than --from.*\n.*no time zone: .* Asia\/Jakarta/,
      ],
      [['--from', '1h', '--out', join(folder, 'none', 'r.html')], 73, /cannot be written/],
      [['--parquet', join(folder, 'none'), '--audit'], 66, /there is no Parquet file/],
      [['--parquet', import.meta.filename, '--audit'], 65, /not to be read as Parquet/],
      [['--from', '1h', '--out', '/dev/null'], 73, /is no file that could be replaced/],
    ];
    const ended = await Promise.all(cases.map(([args]) => runCommand('report', args, env)));
    for (const [i, [args, code, text]] of cases.entries()) {
      assert.equal(ended[i]?.code, code, `${args.join(' ')}: ${ended[i]?.stderr}`);
      assert.match(ended[i]?.stderr ?? '', text);
      assert.doesNotMatch(ended[i]?.stderr ?? '', /^ +at /m);
    }
  });
});
