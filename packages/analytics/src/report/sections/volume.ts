import type { Figures } from '../../figures.ts';
import { weekdayOf, type ZoneClock } from '../clock.ts';
import { type Html, html } from '../html.ts';
import type { LaneLegend } from '../lanes.ts';
import { showCount, showCounted, showShare } from '../numbers.ts';
import { type DayVolume, foldVolume, type HoursVolume, type Tally, type Volume } from '../volume.ts';
import {
  figure,
  folded,
  foreign,
  legend,
  nothing,
  number,
  type Section,
  scrolling,
  section,
} from './parts.ts';
import { areHoursColumns, byLane, daysChart, hoursChart, rowName } from './volume-charts.ts';

const COLUMNS_PX = 260;
const ROW_PX = 22;
const AXES_PX = 40;

export function volume(figures: Figures, lanes: LaneLegend, clock: ZoneClock): Section {
  if (figures.volume.length === 0) {
    return { body: section('volume', 'Volume', null, nothing('No message in this range.')), charts: {} };
  }
  const folding = foldVolume(figures.volume, figures, clock);
  const { days, hours } = folding;
  const charged = html`<li><span class="swatch line"></span>charged</li>`;
  const body = html`<h3>By day</h3>${legend(lanes.series, charged)}${figure('days', 'Messages by day and lane, the figures are in the table below', COLUMNS_PX)}${folded('Days in figures', daysTable(days, lanes))}
${hoursPart(folding, lanes, charged)}${folded('Hours in figures', [hoursTable('Messages', hours, 'messages'), hoursTable('Charged', hours, 'charged')])}`;
  const about = `Messages by the time of their first event, and those of them that Verihubs charges for, as far as it is known. ${aboutHours(folding, clock)}`;
  return {
    body: section('volume', 'Volume', about, body),
    charts: { days: daysChart(days, lanes), hours: hoursChart(folding, lanes) },
  };
}

function hoursPart(folding: Volume, lanes: LaneLegend, charged: Html): Html {
  const { hours } = folding;
  const label = 'Messages by hour, the figures are in the table below';
  if (areHoursColumns(folding))
    return html`<h3>By hour</h3>${legend(lanes.series, charged)}${figure('hours', label, COLUMNS_PX)}`;
  const scale = html`<p class="scale" aria-hidden="true"><span>0</span><span class="ramp"></span><span>${showCounted(most(hours), 'message')} in an hour</span></p>`;
  return html`<h3>${hours.by === 'day' ? 'By hour' : 'By hour of the week'}</h3>${scale}${figure('hours', label, hours.rows.length * ROW_PX + AXES_PX)}`;
}

function aboutHours({ beginsAtMinute, offsets }: Volume, clock: ZoneClock): string {
  const zone = `Days and hours are those of ${clock.timeZone}.`;
  const odd =
    beginsAtMinute === 0
      ? ''
      : ` What is counted are whole hours of UTC, which begin ${beginsAtMinute} minutes past the hour there: each belongs to the day in which it begins.`;
  const changed =
    offsets.length < 2
      ? ''
      : ` Clocks were changed within the range (${offsets.join(', ')}): one hour is missing or holds two.`;
  return zone + odd + changed;
}

function daysTable(days: readonly DayVolume[], lanes: LaneLegend): Html {
  const heads = lanes.series.map(({ name }) => html`<th scope="col" class="number">${foreign(name)}</th>`);
  const lines = days.map(
    (day) =>
      html`<tr><th scope="row">${weekdayOf(day.day)} ${day.day}${day.partly === null ? null : html` <small>${day.partly}</small>`}</th>${number(showCount(day.messages))}${byLane(day, lanes).map((count) => number(showCount(count)))}${number(showCount(day.charged))}${number(showShare(day.charged, day.messages))}</tr>`,
  );
  const table = html`<table><thead><tr><th scope="col">Day</th><th scope="col" class="number">Messages</th>${heads}<th scope="col" class="number">charged</th><th scope="col" class="number">of all</th></tr></thead><tbody>${lines}</tbody></table>`;
  return scrolling('Messages by day', table);
}

function most(hours: HoursVolume): number {
  return Math.max(0, ...hours.rows.flatMap((row) => row.hours.map((cell) => cell?.messages ?? 0)));
}

function hoursTable(title: string, hours: HoursVolume, what: keyof Tally): Html {
  const heads = hours.begins.map((begin) => html`<th scope="col" class="number">${begin}</th>`);
  const lines = hours.rows.map(
    (row) =>
      html`<tr><th scope="row">${rowName(hours, row.name)}</th>${row.hours.map((cell) => number(cell === null ? '–' : showCount(cell[what])))}</tr>`,
  );
  const table = html`<table class="hours"><caption>${title}</caption><thead><tr><th scope="col">Hour from</th>${heads}</tr></thead><tbody>${lines}</tbody></table>`;
  return scrolling(`${title} by hour`, table);
}
