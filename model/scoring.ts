/** From the detectors' outputs to severity: smooth, calibrate, fuse, persist; one row of state a slot. */
import type { DetectorOutputs } from './detector.js';
import type { Manifest } from './manifest.js';

/** What the scorer writes, row by row; the part of a `ResultBatch` that is its own. */
export interface Verdicts {
  readonly severity: Float32Array;
  readonly instant: Float32Array;
  readonly detector: Float32Array;
  readonly contribution: Float32Array;
  readonly expected: Float32Array;
  readonly mode: Uint8Array;
}

export interface ScorerOptions {
  readonly channels: number;
  readonly detectors: readonly Manifest['detectors'][number]['calibration'][];
  readonly persistence: Manifest['persistence'];
  /** -ln p at severity 1. */
  readonly alarmLevel: number;
}

export class Scorer {
  constructor(readonly options: ScorerOptions) {}

  ensure(_slots: number): void {
    throw new Error('not built yet');
  }

  reset(_slot: number): void {
    throw new Error('not built yet');
  }

  /** Scores row `row` of every detector's outputs as the next frame of `slot`. `known` = signals left after health; 0 = no data. */
  step(_slot: number, _row: number, _outputs: readonly DetectorOutputs[], _known: number, _into: Verdicts): void {
    throw new Error('not built yet');
  }
}
