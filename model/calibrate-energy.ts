/** Calibration of the energy scoring stage, on held-out normal data. */
import type { CalibrateOptions, Calibration } from './calibrate.js';
import type { DetectorOutputs } from './detector.js';
import { weekMs } from './duration.js';
import { Energy } from './energy.js';
import { EnergyScorer } from './energy-scoring.js';
import type { Gauge } from './growth.js';
import type { EnergyTable } from './manifest.js';
import { fitPeaks } from './peaks.js';
import { fitTail } from './tail.js';
import { thin } from './thinning.js';
import { emptyVerdicts, type Verdicts } from './verdicts.js';

/** Frames in which slow levels and energies fill; not counted. */
const burnIn = 100;
const smallest = 1e-9;

type Options = Required<Pick<CalibrateOptions, 'channels' | 'periodMs' | 'persistence'>>;

/**
 * @param segments outputs of every detector (in one order) on each held-out normal segment
 * @throws RangeError where fewer than 50 frames are left after 100 of a segment
 */
export function calibrateEnergy(segments: readonly (readonly DetectorOutputs[])[], options: Options): Calibration {
  const { channels, periodMs, persistence } = options;
  const D = segments[0]?.length ?? 0;
  const means = Array.from({ length: D }, (_, d) =>
    meansOf(
      segments.map((outputs) => outputs[d] as DetectorOutputs),
      channels,
    ),
  );
  const blank: EnergyTable = { means, table: { n: 0, body: [0, 1], threshold: 1, rate: 0.5, shape: 0, scale: 1 } };
  const fused = segments.map((outputs) => walk(outputs, { ...options, energy: blank }, (scorer) => scorer.fused));
  const energy = { means, table: fitTail(thin(fused)) };
  const statistic = segments.map((outputs) =>
    walk(outputs, { ...options, energy }, (_, verdicts, row) => verdicts.severity[row] as number),
  );
  const scores = (d: number) =>
    segments.map((outputs) => {
      const { n, score, ready } = outputs[d] as DetectorOutputs;
      return score.slice(0, n).filter((_, i) => ready[i] === 1);
    });
  return {
    detectors: means.map((_, d) => ({ score: fitTail(thin(scores(d))) })),
    persistence: { ...persistence },
    alarm: fitPeaks(statistic, weekMs / periodMs),
    energy,
    statistic,
    warnings: [],
  };
}

/** Of the energy stage: `score` is the energy of the residuals, `smoothed` what they have beside their slow level. */
export function energyGauge(channels: number): Gauge {
  const energy = new Energy(channels);
  energy.ensure(1);
  const pair = new Float64Array(2);
  return {
    reset: () => energy.reset(0),
    step: (output, row, absence) => {
      energy.step(0, output.residual, row * channels, pair, absence.out);
      return { score: pair[0] as number, smoothed: pair[1] as number };
    },
  };
}

function meansOf(outputs: readonly DetectorOutputs[], C: number): number[] {
  const sums = [0, 0];
  let n = 0;
  const pair = new Float64Array(2);
  for (const output of outputs) {
    const energy = new Energy(C);
    energy.ensure(1);
    for (let row = 0, seen = 0; row < output.n; row++) {
      if (output.ready[row] === 0) continue;
      energy.step(0, output.residual, row * C, pair);
      if (seen++ < burnIn) continue;
      sums[0] = (sums[0] as number) + (pair[0] as number);
      sums[1] = (sums[1] as number) + (pair[1] as number);
      n++;
    }
  }
  return sums.map((sum) => Math.max(smallest, sum / Math.max(1, n)));
}

/** What `take` says of each steady frame past burn-in. */
function walk(
  outputs: readonly DetectorOutputs[],
  { channels, persistence, energy }: Options & { readonly energy: EnergyTable },
  take: (scorer: EnergyScorer, verdicts: Verdicts, row: number) => number,
): Float32Array {
  const n = outputs[0]?.n ?? 0;
  const scorer = new EnergyScorer({ channels, energy, persistence, alarmLevel: 1 });
  scorer.ensure(1);
  const verdicts = emptyVerdicts(n, channels, outputs.length);
  const taken: number[] = [];
  const batch = {
    outputs,
    into: verdicts,
    slot: new Int32Array(n),
    known: new Int32Array(n).fill(channels),
  };
  for (let row = 0; row < n; row++) {
    scorer.step(batch, row, row + 1);
    if (row >= burnIn && !Number.isNaN(scorer.fused)) taken.push(take(scorer, verdicts, row));
  }
  return Float32Array.from(taken);
}
