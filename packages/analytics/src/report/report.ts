import type { Figures } from '../figures.ts';
import type { ReportAbout } from './about.ts';
import { chartsScript, styleSheet } from './bundle.ts';
import { zoneClock } from './clock.ts';
import { html, scriptJson, trusted } from './html.ts';
import { laneLegend } from './lanes.ts';
import { failures } from './sections/failures.ts';
import { funnel } from './sections/funnel.ts';
import { header } from './sections/header.ts';
import { latencies } from './sections/latencies.ts';
import type { Section } from './sections/parts.ts';
import { unclosed } from './sections/unclosed.ts';
import { volume } from './sections/volume.ts';

/**
 * One HTML page that holds all it needs: it opens offline and asks nothing of anybody, which its
 * Content-Security-Policy holds it to. Every figure of its charts is in a table too, so it can be read without
 * scripts and on paper.
 * @throws RangeError when `about.timeZone` is no time zone
 */
export function renderReport(figures: Figures, about: ReportAbout): string {
  const clock = zoneClock(about.timeZone);
  const lanes = laneLegend([...figures.volume, ...figures.failures].map(({ lane }) => lane));
  const sections: readonly Section[] = [
    funnel(figures.total, figures.funnels),
    failures(figures.failures, lanes),
    latencies(figures.latencies),
    volume(figures, lanes, clock),
    unclosed(figures, clock),
  ];
  const charts = Object.assign({}, ...sections.map((section) => section.charts));
  const script = chartsScript();
  const policy = `default-src 'none'; script-src '${script.hash}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`;
  const title = `WhatsApp messages, ${clock.read(figures.fromMs).day} to ${clock.read(figures.toMs).day}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${trusted(styleSheet())}</style>
</head>
<body>
<main>
${header(figures, about, clock)}
${sections.map(({ body }) => body)}
</main>
<script type="application/json" id="charts">${scriptJson(charts)}</script>
<script>${trusted(script.text)}</script>
</body>
</html>
`;
  return page.html;
}
