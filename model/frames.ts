/** Frames and results as they travel in batches: flat typed arrays that cross threads without copying a field at a time. */

/** Milliseconds since the Unix epoch, UTC, as the reading says (event time). */
export type EventTimeMs = number;

/**
 * Up to N frames of assets that share a bundle, in rounds: at most one frame an asset in each.
 * `slot` is the asset's dense index in that bundle (0, 1, 2, ... in order of first sight).
 */
export interface FrameBatch {
  readonly n: number;
  /** Rows of each round, one round after the other; row k of a round is the next frame of the asset of row k of the round before. Without: one round. */
  readonly rounds?: readonly number[];
  /** [N] */
  readonly slot: Int32Array;
  /** [N] grid instants. */
  readonly timeMs: Float64Array;
  /** [N] 1 where memory of the asset must be cleared first (a gap too long to bridge, a clock step); only in the first round. */
  readonly reset: Uint8Array;
  /** [N*C] engineering units, NaN = missing. */
  readonly values: Float32Array;
}

/** Verdict of `model/health` on one signal of one frame. */
export const healthStates = ['pass', 'missing', 'out-of-range', 'spike', 'flat-line'] as const;
export type HealthState = (typeof healthStates)[number];

/**
 * What the asset is doing, as far as scoring cares. In the last three frames are not scored for want of anything to score: a machine that is off or starting up is
 * not what was learned.
 */
export const modes = ['warm-up', 'steady', 'no-data', 'off', 'start-up'] as const;
export type Mode = (typeof modes)[number];
/** Index of each mode in `modes`, as results carry it. */
export const modeCode = Object.fromEntries(modes.map((mode, i) => [mode, i])) as Readonly<Record<Mode, number>>;
/** Codes from here on are steady operation in one of the bundle's regimes, in their order. */
export const firstRegime = modes.length;

/** Frames with these codes have a severity that means something. */
export function isSteady(code: number | undefined): boolean {
  return code === modeCode.steady || (code !== undefined && code >= firstRegime);
}

/** Off or starting up: not scored, and nothing to learn from. */
export function isIdle(code: number): boolean {
  return code === modeCode.off || code === modeCode['start-up'];
}

/** The verdict on each frame of a `FrameBatch`, in the same order. */
export interface ResultBatch {
  readonly n: number;
  readonly slot: Int32Array;
  readonly timeMs: Float64Array;
  /** [N] fused, calibrated, on-delay included; 1 = the alarm threshold of the budget; 0 while warming up. */
  readonly severity: Float32Array;
  /** [N] fused surprise of this frame alone, in units of the threshold, without on-delay: where an alarm began. */
  readonly instant: Float32Array;
  /** [N*D] severity of each detector alone, D = detectors of the bundle. */
  readonly detector: Float32Array;
  /** [N*C] each signal's share of the evidence; sums to 1 where severity > 0. */
  readonly contribution: Float32Array;
  /** [N*C] what the detector that is surprised most expected, engineering units. */
  readonly expected: Float32Array;
  /** [N*C] what came in, before masking; NaN = missing. */
  readonly actual: Float32Array;
  /** [N*C] index into `healthStates`. */
  readonly health: Uint8Array;
  /** [N] index into `modes`, or `firstRegime` + index of a regime. */
  readonly mode: Uint8Array;
  /** [N] index into `verdicts` of `model/suspicion`: sensor or machine. */
  readonly verdict: Uint8Array;
  /** [N*C] 1 = the signal alone explains the deviation; several = they cannot be told apart yet. */
  readonly suspect: Uint8Array;
  /** [N*C] share of the deviation that is gone when the signal is hidden; NaN = nobody has looked. */
  readonly explains: Float32Array;
  /** [N] kind of fault: 0 = nobody has looked, 1 = unknown, 2 + index of a class of the bundle's classifier. */
  readonly cause: Uint8Array;
  /** [N] probability of the likeliest class; 0 where nobody has looked. */
  readonly certainty: Float32Array;
}

/** Rows `from` to before `to` of results, as views. */
export function rowsOf(results: ResultBatch, from: number, to: number): ResultBatch {
  const cut = ([name, all]: readonly [string, number | ArrayBufferView]) => {
    if (typeof all === 'number') return [name, to - from];
    const { length } = all as Float32Array;
    return [name, (all as Float32Array).subarray((from * length) / results.n, (to * length) / results.n)];
  };
  return Object.fromEntries(Object.entries(results).map(cut)) as unknown as ResultBatch;
}
