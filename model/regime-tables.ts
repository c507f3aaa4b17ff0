/** Tail tables by operating regime. */
import { firstRegime } from './frames.js';
import type { DetectorManifest, TailTable } from './manifest.js';
import { fitTail } from './tail.js';
import { thin } from './thinning.js';

/** Fewer scores than this in a regime say less about its tail than those of all regimes do. */
const leastOfRegime = 1000;

/** Mondrian calibration (Vovk et al. 2005, 4.5): a table over all frames, and one for each regime that was seen for long enough. */
export function tablesOf(
  series: readonly Float32Array[],
  codes: readonly Uint8Array[] | undefined,
  regimes: number,
): { all: TailTable; each: (TailTable | null)[] } {
  const each = Array.from({ length: regimes }, (_, k) => {
    const own = series.flatMap((values, s) => runsOf(values, codes?.[s] ?? new Uint8Array(0), firstRegime + k));
    const count = own.reduce((sum, run) => sum + run.length, 0);
    if (count < leastOfRegime) return null;
    const thinned = thin(own);
    return thinned.length < leastOfRegime ? null : fitTail(thinned);
  });
  return { all: fitTail(thin(series)), each };
}

/** Consecutive values whose code is `code`. */
function runsOf(values: Float32Array, codes: Uint8Array, code: number): Float32Array[] {
  const runs: Float32Array[] = [];
  for (let from = codes.indexOf(code); from >= 0; ) {
    let to = from;
    while (codes[to] === code) to++;
    runs.push(values.subarray(from, to));
    from = codes.indexOf(code, to);
  }
  return runs;
}

/** Only where all statistics of a detector have a table for a regime is it judged by them. */
export function byRegime(score: readonly (TailTable | null)[], smoothed?: readonly (TailTable | null)[]) {
  if (score.length === 0) return {};
  const regimes = score.map((table, k) => {
    if (table === null) return null;
    if (smoothed === undefined) return { score: table };
    const slow = smoothed[k] ?? null;
    return slow === null ? null : { score: table, smoothed: slow };
  });
  return { regimes };
}

/** A warning about the regimes that have no table of their own. */
export function pooledRegimes(
  detectors: readonly DetectorManifest['calibration'][],
  names: readonly string[],
): string[] {
  const pooled = names.filter((_, k) => detectors.some(({ regimes }) => !regimes?.[k]));
  if (pooled.length === 0) return [];
  return [
    `Fewer than ${leastOfRegime} independent held-out frames of ${pooled.join(', ')}: judged there by the calibration of all regimes together.`,
  ];
}
