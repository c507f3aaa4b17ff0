/** A whole recording through the same `Aligner` that the daemon uses: frames an asset, split where memory is reset. */
import type { ReadingFate } from './align.js';
import type { Row } from './recording.js';

/** Consecutive frames of one asset. */
export interface Segment {
  /** [n] grid instants, one period apart. */
  readonly timesMs: Float64Array;
  /** [n*C] engineering units, NaN = missing. */
  readonly values: Float32Array;
}

export interface SegmentOptions {
  /** Signals, in the order of the frames' columns; others in the rows are ignored. */
  readonly channels: readonly string[];
  readonly periodMs: number;
  readonly holdMs: number;
  readonly latenessMs?: number;
  readonly maxGapMs?: number;
  /** Told the fate of every reading. */
  readonly onReading?: (fate: ReadingFate) => void;
}

export async function alignRecording(
  _rows: AsyncIterable<Row> | Iterable<Row>,
  _options: SegmentOptions,
): Promise<Map<string, Segment[]>> {
  throw new Error('not built yet');
}
