/** Readings in any order -> frames on the event-time grid, one row of state a slot. */

/** What becomes of a reading: taken, or dropped for a reason that the caller counts. */
export const readingFates = ['accepted', 'late', 'duplicate', 'surplus', 'future', 'bad-time'] as const;
export type ReadingFate = (typeof readingFates)[number];

export interface AlignOptions {
  readonly channels: number;
  readonly periodMs: number;
  readonly holdMs: number;
  readonly latenessMs: number;
  readonly maxFutureMs: number;
  readonly maxGapMs: number;
}

/** `values` [C] belong to the aligner and are valid only during the call. */
export type FrameSink = (slot: number, timeMs: number, values: Float32Array, reset: boolean) => void;

export class Aligner {
  constructor(
    readonly options: AlignOptions,
    readonly emit: FrameSink,
  ) {}

  ensure(_slot: number): void {
    throw new Error('not built yet');
  }

  add(_slot: number, _channel: number, _timeMs: number, _value: number, _nowMs: number): ReadingFate {
    throw new Error('not built yet');
  }

  tick(_nowMs: number): void {
    throw new Error('not built yet');
  }

  flush(): void {
    throw new Error('not built yet');
  }

  forget(_slot: number): void {
    throw new Error('not built yet');
  }
}
