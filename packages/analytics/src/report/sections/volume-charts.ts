import type { CellsChart, Chart, ColumnsChart } from '../charts.ts';
import { weekdayOf } from '../clock.ts';
import { type LaneLegend, shortened } from '../lanes.ts';
import { showCount, showCounted } from '../numbers.ts';
import type { DayVolume, HoursVolume, HourVolume, LanesTally, Volume } from '../volume.ts';

/** Up to so many days their hours stand one after the other, by lane. */
const MOST_DAYS_IN_COLUMNS = 3;

/** Whether hours are columns by lane, or cells of a table. */
export function areHoursColumns({ days }: Volume): boolean {
  return days.length <= MOST_DAYS_IN_COLUMNS;
}

/** @returns messages of each series, in their order */
export function byLane(tally: LanesTally, lanes: LaneLegend): readonly number[] {
  return lanes.series.map(({ name }) =>
    [...tally.lanes].reduce((sum, [lane, count]) => (lanes.seriesOf(lane) === name ? sum + count : sum), 0),
  );
}

export function daysChart(days: readonly DayVolume[], lanes: LaneLegend): ColumnsChart {
  const columns = days.map((day) => {
    const head = `${weekdayOf(day.day)} ${day.day}${day.partly === null ? '' : `, ${day.partly}`}`;
    return column(day.day.slice(5), head, day, lanes);
  });
  return { kind: 'columns', label: 'Messages by day and lane', series: lanes.series, columns };
}

export function hoursChart(volume: Volume, lanes: LaneLegend): Chart {
  return areHoursColumns(volume) ? hourColumns(volume.hourly, lanes) : hourCells(volume.hours);
}

function hourColumns(hours: readonly HourVolume[], lanes: LaneLegend): ColumnsChart {
  const columns = hours.map((hour) => {
    const head = `${weekdayOf(hour.day)} ${hour.day}, the hour from ${hour.begins}`;
    return column(hour.begins, head, hour, lanes);
  });
  return { kind: 'columns', label: 'Messages by hour and lane', series: lanes.series, columns };
}

function column(label: string, head: string, tally: LanesTally, lanes: LaneLegend) {
  const values = byLane(tally, lanes);
  const parts = lanes.series.map(({ name }, i) => `${shortened(name)} ${showCount(values[i] ?? 0)}`);
  const tip = [head, showCounted(tally.messages, 'message'), ...parts, `charged ${showCount(tally.charged)}`];
  return { label, tip: tip.join('\n'), charged: tally.charged, values };
}

function hourCells(hours: HoursVolume): CellsChart {
  return {
    kind: 'cells',
    label: 'Messages by hour',
    rows: hours.rows.map(({ name }) => rowName(hours, name)),
    columns: hours.begins,
    cells: hours.rows.map((row) =>
      row.hours.map((cell, i) => {
        if (cell === null) return null;
        const head = `${rowName(hours, row.name)}, ${hours.begins[i]} to ${hours.begins[(i + 1) % 24]}`;
        const tip = `${head}\n${showCounted(cell.messages, 'message')}, charged ${showCount(cell.charged)}`;
        return { messages: cell.messages, tip };
      }),
    ),
  };
}

/** `Sun 11-01`, or `Sun` */
export function rowName(hours: HoursVolume, name: string): string {
  return hours.by === 'day' ? `${weekdayOf(name)} ${name.slice(5)}` : name;
}
