/** One labelled recording of a benchmark: a normal prefix to fit on, and the rest to be judged. */

export interface Series {
  /** As the data set calls it, e.g. `other/9` or `machine-1-3`. */
  readonly name: string;
  readonly channels: readonly string[];
  /** Nominal; a row is a frame. */
  readonly periodMs: number;
  readonly rows: number;
  /** [rows*C], row by row. */
  readonly values: Float64Array;
  /** Rows 0..fitRows-1 are normal and may be learned from; the others are judged. */
  readonly fitRows: number;
  /** [rows] 1 = anomalous. */
  readonly labels: Uint8Array;
  /** [rows] seconds; as recorded where the file has times, else row times the period. */
  readonly timesS: Float64Array;
}

/** The columns of `names`, channel names `v1`, `v2`, ... where the files have none. */
export function numberedChannels(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `v${i + 1}`);
}

export function evenTimes(rows: number, periodMs: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => (i * periodMs) / 1000);
}
