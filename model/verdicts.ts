/** What a scoring stage writes about each frame, and the first words of it that are the same for all stages. */
import type { DetectorOutputs } from './detector.js';
import { firstRegime, isIdle, modeCode } from './frames.js';

/** What a stage writes, row by row; the part of a `ResultBatch` that is its own. */
export interface Verdicts {
  readonly severity: Float32Array;
  readonly instant: Float32Array;
  readonly detector: Float32Array;
  readonly contribution: Float32Array;
  readonly expected: Float32Array;
  /** Also read: a row that says off, start-up or a regime before it is scored is taken at its word. */
  readonly mode: Uint8Array;
}

/** A batch of frames, a row each: what a stage reads, and where it writes. */
export interface StageBatch {
  readonly outputs: readonly DetectorOutputs[];
  readonly into: Verdicts;
  /** [n] whose next frame each row is. */
  readonly slot: Int32Array;
  /** [n] signals left after health; with none the frame counts as unsurprising, mode `no-data`. */
  readonly known: Int32Array;
  /** [n*C] what the detectors were given, NaN = missing; left out where nothing is */
  readonly values?: Float32Array;
}

/** What turns a frame's detector outputs into its verdict, with memory by slot. */
export interface ScoringStage {
  /** Makes room for `slots` slots. */
  ensure(slots: number): void;
  reset(slot: number): void;
  /** The machine runs again: forgets what holds for moments, keeps what builds up over days. */
  restart(slot: number): void;
  /** Scores rows `from` to before `to` of `batch`, one after the other. */
  step(batch: StageBatch, from: number, to: number): void;
}

/** Room for `n` verdicts. */
export function emptyVerdicts(n: number, channels: number, detectors: number): Verdicts {
  return {
    severity: new Float32Array(n),
    instant: new Float32Array(n),
    detector: new Float32Array(n * detectors),
    contribution: new Float32Array(n * channels),
    expected: new Float32Array(n * channels),
    mode: new Uint8Array(n),
  };
}

/**
 * Writes row `row` as that of a frame that surprises nobody: all 0, the expectation of the first detector that is ready, and the mode.
 * @returns true where there is something to score: a signal is known, the machine runs, and a detector is past its warm-up
 */
export function openRow(row: number, { outputs, into, known }: StageBatch): boolean {
  const D = outputs.length;
  const C = into.contribution.length / into.severity.length;
  into.severity[row] = into.instant[row] = 0;
  // Loops: a call of `fill` takes longer than a row.
  for (let i = row * D; i < (row + 1) * D; i++) into.detector[i] = 0;
  for (let i = row * C; i < (row + 1) * C; i++) into.contribution[i] = 0;
  let first = 0;
  while (first < D && outputs[first]?.ready[row] !== 1) first++;
  expectAs(outputs[first < D ? first : 0] as DetectorOutputs, row, into);
  const said = into.mode[row] as number;
  const isScored = (known[row] as number) > 0 && first < D && !isIdle(said);
  if (known[row] === 0) into.mode[row] = modeCode['no-data'];
  else if (isScored) into.mode[row] = said >= firstRegime ? said : modeCode.steady;
  else if (!isIdle(said)) into.mode[row] = modeCode['warm-up'];
  return isScored;
}

/** Takes the expectation of one detector. */
export function expectAs({ expected }: DetectorOutputs, row: number, into: Verdicts): void {
  const C = into.expected.length / into.severity.length;
  for (let i = row * C; i < (row + 1) * C; i++) into.expected[i] = expected[i] as number;
}
