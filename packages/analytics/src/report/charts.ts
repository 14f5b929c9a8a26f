/**
 * What the charts of a page are drawn from: written into it as JSON, read by `browser/`. Texts are made here, so that
 * numbers and times look the same in charts and tables.
 */
export type Chart = BarsChart | HistogramChart | ColumnsChart | CellsChart;

/** Colours by the name of their series, in the order in which they are stacked. */
export interface Series {
  readonly name: string;
  readonly colour: string;
}

/** Above and below them. */
export const BARS_MARGIN_PX = 6;

/** Bars that lie, one below the other. */
export interface BarsChart {
  readonly kind: 'bars';
  readonly label: string;
  readonly rowPx: number;
  readonly series: readonly Series[];
  readonly rows: readonly {
    readonly label: string;
    readonly text: string;
    readonly tip: string;
    /** One for each series. */
    readonly values: readonly number[];
  }[];
}

/** Messages by time, which grows by factors. */
export interface HistogramChart {
  readonly kind: 'histogram';
  readonly label: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly ticks: readonly Tick[];
  readonly bins: readonly {
    readonly fromMs: number;
    readonly toMs: number;
    readonly messages: number;
    readonly tip: string;
  }[];
  readonly marks: readonly Tick[];
}

export interface Tick {
  readonly ms: number;
  readonly label: string;
}

/** Columns side by side, of days for instance. */
export interface ColumnsChart {
  readonly kind: 'columns';
  readonly label: string;
  readonly series: readonly Series[];
  readonly columns: readonly {
    readonly label: string;
    readonly tip: string;
    readonly charged: number;
    /** One for each series. */
    readonly values: readonly number[];
  }[];
}

/** A table of cells, darker the more there is. */
export interface CellsChart {
  readonly kind: 'cells';
  readonly label: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** By row and column; null where there was no such hour. */
  readonly cells: readonly (readonly ({ readonly messages: number; readonly tip: string } | null)[])[];
}
