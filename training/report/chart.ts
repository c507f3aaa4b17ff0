/** What a chart of the report is, as data; `draw` turns it into uPlot in the browser. */

export interface ChartSeries {
  readonly label: string;
  readonly color: string;
  /** One for each x; null = none. */
  readonly values: readonly (number | null)[];
  readonly shape?: 'line' | 'points' | 'steps';
  readonly dash?: readonly number[];
}

export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Rising; seconds since 1970 where `time`. */
  readonly x: readonly number[];
  readonly time?: boolean;
  readonly log?: boolean;
  readonly series: readonly ChartSeries[];
  /** Stretches in colour behind the lines. */
  readonly spans?: readonly { readonly from: number; readonly to: number; readonly color: string }[];
  /** Lines across, at an x. */
  readonly marks?: readonly { readonly at: number; readonly color: string; readonly text: string }[];
  /** Lines along, at a y. */
  readonly levels?: readonly { readonly at: number; readonly color: string; readonly text: string }[];
  readonly height?: number;
}

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** `share` 0..1 colours the cell. */
export type Cell = string | { readonly text: string; readonly share: number };

export interface Section {
  readonly id: string;
  readonly title: string;
  /** Paragraphs for people. */
  readonly text: readonly string[];
  readonly tables?: readonly Table[];
  readonly charts?: readonly Chart[];
}

/** Colour-blind safe (Okabe & Ito 2008). */
export const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#555555'] as const;

export const color = (i: number): string => palette[i % palette.length] as string;

/** Three digits that matter; floats would make the page twice as long. */
export const short = (value: number): number | null => (Number.isFinite(value) ? Number(value.toPrecision(5)) : null);
