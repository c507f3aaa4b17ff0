/** The sections of the report that need frames: data, forecasts, residuals, latent plane. */
import type { DetectorOutputs } from '../../model/detector.js';
import type { Manifest } from '../../model/manifest.js';
import { surprise } from '../../model/tail.js';
import type { Verdict } from '../bundle-run.js';
import { type Chart, color, type Section, short } from './chart.js';
import { allParts, type Part, runsOf, type Stretch } from './frames.js';
import { principalPlane } from './latent.js';

const partColors: Readonly<Record<Part, string>> = {
  fit: 'rgba(0, 114, 178, .12)',
  validate: 'rgba(230, 159, 0, .20)',
  calibrate: 'rgba(0, 158, 115, .16)',
  unused: 'rgba(120, 120, 120, .12)',
};

/** Points of one line: more than a screen has. */
const mostPoints = 1500;
/** Frames of a close look. */
const closeFrames = 240;
/** Machines that are drawn; the figures count all. */
const drawnAssets = 3;

export interface Measured {
  readonly manifest: Manifest;
  readonly stretches: readonly Stretch[];
  /** Of each stretch. */
  readonly verdicts: readonly Verdict[];
  /** By detector, then stretch. */
  readonly outputs: readonly (readonly DetectorOutputs[])[];
}

export function dataSection({ manifest, stretches, verdicts }: Measured): Section {
  const C = manifest.channels.length;
  const charts: Chart[] = [];
  for (const { stretch, s } of longestByAsset(stretches)) {
    const rows = everyNth(stretch.timesMs.length);
    const x = rows.map((row) => (stretch.timesMs[row] as number) / 1000);
    const frame = {
      x,
      time: true,
      xLabel: '',
      height: 130,
      spans: runsOf(stretch).map(({ part, from, to }) => ({
        from: (stretch.timesMs[from] as number) / 1000,
        to: (stretch.timesMs[to - 1] as number) / 1000,
        color: partColors[part],
      })),
    };
    manifest.channels.forEach(({ name, unit }, c) => {
      const values = rows.map((row) => short(stretch.values[row * C + c] as number));
      charts.push({
        ...frame,
        title: `${stretch.asset}: ${name}`,
        yLabel: unit,
        series: [{ label: name, color: color(c), values }],
      });
    });
    const severity = (verdicts[s] as Verdict).severity;
    charts.push({
      ...frame,
      title: `${stretch.asset}: severity, as the daemon gives it`,
      yLabel: '',
      series: [
        {
          label: 'severity (largest of the frames between)',
          color: '#d55e00',
          values: rows.map((row, i) => short(maxOf(severity, row, rows[i + 1] ?? severity.length))),
        },
      ],
      levels: [{ at: 1, color: '#b00020', text: 'alarm' }],
    });
  }
  return {
    id: 'data',
    title: 'Data',
    text: [
      'Behind each line the part that its frames had in training: blue was fitted, yellow said when to stop, green set the alarm level, grey took no part.',
    ],
    charts,
  };
}

/** Blue, yellow and green look alike to a network that generalises; so does this chart if it does. */
export function expectedSection({ manifest, stretches, outputs }: Measured): Section {
  const C = manifest.channels.length;
  const close = closeLook(stretches);
  const charts = manifest.channels.map(({ name, unit }, c): Chart => {
    const rows = Array.from({ length: close.to - close.from }, (_, i) => close.from + i);
    const stretch = stretches[close.s] as Stretch;
    return {
      title: `${stretch.asset}: ${name}`,
      xLabel: '',
      yLabel: unit,
      time: true,
      height: 170,
      x: rows.map((row) => (stretch.timesMs[row] as number) / 1000),
      series: [
        {
          label: 'measured',
          color: '#222222',
          values: rows.map((row) => short(stretch.values[row * C + c] as number)),
        },
        ...manifest.detectors.map(({ name: detector, task }, d) => ({
          label: `${detector} (${task === 'forecaster' ? 'forecast' : 'reconstruction'})`,
          color: color(d),
          dash: [6, 3],
          values: rows.map((row) => short(outputs[d]?.[close.s]?.expected[row * C + c] ?? Number.NaN)),
        })),
      ],
    };
  });
  return {
    id: 'expected',
    title: 'Forecast and reconstruction',
    text: [
      `What each detector expected, beside what was measured, over ${close.to - close.from} frames of the ${close.part} part. A forecaster knows only the frames before; a reconstructor has seen the frame itself.`,
    ],
    charts,
  };
}

export function residualSection({ manifest, stretches, outputs }: Measured): Section {
  const C = manifest.channels.length;
  const present = allParts.filter((part) => stretches.some((stretch) => stretch.part.includes(part)));
  const rows = manifest.detectors.flatMap(({ name }, d) =>
    manifest.channels.map((channel, c) => [
      name,
      channel.name,
      ...present.map((part) => {
        const values = residualsOf(stretches, outputs[d] ?? [], part, C, c);
        const rms = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / Math.max(1, values.length));
        return rms.toFixed(3);
      }),
    ]),
  );
  const part = present.includes('calibrate') ? 'calibrate' : (present[0] ?? 'unused');
  const charts = manifest.detectors.map(({ name }, d): Chart => {
    const bins = Array.from({ length: 61 }, (_, i) => -3 + i / 10);
    return {
      title: `${name}: residuals of the ${part} part`,
      xLabel: 'normal spreads (what lies beyond +-3 counts at the edge)',
      yLabel: 'share of frames',
      x: bins,
      series: manifest.channels.map((channel, c) => {
        const values = residualsOf(stretches, outputs[d] ?? [], part, C, c);
        const counts = bins.map(() => 0);
        for (const value of values) {
          const bin = Math.min(60, Math.max(0, Math.round((value + 3) * 10)));
          counts[bin] = (counts[bin] as number) + 1 / values.length;
        }
        return { label: channel.name, color: color(c), values: counts.map(short) };
      }),
    };
  });
  return {
    id: 'residuals',
    title: 'Residuals by signal',
    text: [
      'Measured minus expected, in units of the normal spread of each signal: the root mean square by part. Much more in calibrate than in fit means that the network learned its data by heart, or that normal has changed meanwhile. About 1 means that the detector knows nothing of the signal but its level.',
    ],
    tables: [{ header: ['detector', 'signal', ...present], rows }],
    charts,
  };
}

/** Counts of scores and what the fitted tail says they should be. */
export function scoreSection({ manifest, stretches, outputs }: Measured): Section {
  const part = stretches.some((stretch) => stretch.part.includes('calibrate')) ? 'calibrate' : 'unused';
  const charts = manifest.detectors.map(({ name, calibration }, d): Chart => {
    const table = calibration.score;
    const scores = stretches.flatMap((stretch, s) =>
      Array.from(outputs[d]?.[s]?.score ?? []).filter(
        (_, i) => stretch.part[i] === part && outputs[d]?.[s]?.ready[i] === 1,
      ),
    );
    const sorted = Float64Array.from(scores).sort();
    const top = Math.max(table.threshold * 1.5, sorted[Math.floor(0.9995 * (sorted.length - 1))] ?? 1);
    const width = top / 60;
    const counts = new Float64Array(60);
    for (const score of scores) {
      const bin = Math.min(59, Math.floor(score / width));
      counts[bin] = (counts[bin] as number) + 1;
    }
    const survival = (score: number) => Math.exp(-surprise(table, score));
    return {
      title: `${name}: scores of the ${part} part`,
      xLabel: 'score (the last bin holds all beyond)',
      yLabel: 'frames',
      log: true,
      x: Array.from(counts, (_, i) => short(i * width) ?? 0),
      series: [
        { label: 'counted', color: '#0072b2', shape: 'steps', values: Array.from(counts, (n) => (n > 0 ? n : null)) },
        {
          label: 'by the calibration table (empirical body, generalised Pareto tail)',
          color: '#d55e00',
          values: Array.from(counts, (_, i) => {
            const beyond = i === 59 ? 0 : survival((i + 1) * width);
            return short(Math.max(1e-3, scores.length * (survival(i * width) - beyond)));
          }),
        },
      ],
      marks: [{ at: table.threshold, color: '#555', text: 'tail begins' }],
    };
  });
  const rows = manifest.detectors.map(({ name, calibration: { score } }) => [
    name,
    String(score.n),
    score.threshold.toPrecision(4),
    `${(100 * score.rate).toFixed(1)} %`,
    score.shape.toFixed(3),
    score.scale.toPrecision(4),
  ]);
  return {
    id: 'scores',
    title: 'Scores, tail and alarm level',
    text: [
      'Scores of normal frames, and the distribution that turns a score into a p-value. Where the orange line leaves the counts, p-values are wrong. All statistics of all detectors are then fused, and the alarm level is set on peaks of the fused statistic: severity 1 in the charts of the data.',
      `Budget: ${manifest.falseAlarmsPerAssetWeek} false alarm(s) per machine and week, counted on ${manifest.alarm.frames} held-out frames (${((manifest.alarm.frames * manifest.periodMs) / 86_400_000).toFixed(2)} machine-days).`,
    ],
    tables: [{ header: ['detector', 'scores', 'tail from', 'share in tail', 'shape', 'scale'], rows }],
    charts,
  };
}

/** @param faulty residuals [n*C] by detector of frames with injected faults */
export function latentSection(
  { manifest, stretches, outputs }: Measured,
  faulty: readonly { readonly label: string; readonly residual: readonly Float32Array[] }[],
): Section {
  const C = manifest.channels.length;
  const charts = manifest.detectors.map(({ name }, d): Chart => {
    const normal = thin(joined(outputs[d]?.map(({ residual }) => residual) ?? []), C, 800);
    const plane = principalPlane(normal, C);
    const groups = [
      { label: 'normal', points: plane.project(normal) },
      ...faulty.map(({ label, residual }) => ({
        label,
        points: plane.project(thin(residual[d] ?? new Float32Array(0), C, 250)),
      })),
    ];
    const all = groups.flatMap(({ points }, g) => points.map(([x, y]) => ({ x, y, g }))).sort((a, b) => a.x - b.x);
    const [first, second] = plane.explained.map((share) => `${(100 * share).toFixed(0)} %`);
    return {
      title: `${name}: residuals in two dimensions`,
      xLabel: `first principal component, ${first} of the variance`,
      yLabel: `second, ${second}`,
      height: 360,
      x: all.map(({ x }) => short(x) ?? 0),
      series: groups.map(({ label }, g) => ({
        label,
        color: g === 0 ? '#99a' : color(g),
        shape: 'points',
        values: all.map((point) => (point.g === g ? short(point.y) : null)),
      })),
    };
  });
  const assets = new Set(stretches.map(({ asset }) => asset)).size;
  return {
    id: 'latent',
    title: 'Latent plane',
    text: [
      `The residuals of ${assets} machine(s), projected on the two directions in which normal residuals vary most (principal components), and the same frames with faults injected. These are residuals, not the code of an autoencoder: the graph of a bundle gives no inner layer, and the residuals are what scores are made of.`,
    ],
    charts,
  };
}

function residualsOf(
  stretches: readonly Stretch[],
  outputs: readonly DetectorOutputs[],
  part: Part,
  C: number,
  c: number,
): number[] {
  return stretches.flatMap(({ part: own }, s) => {
    const output = outputs[s];
    if (output === undefined) return [];
    return own.flatMap((one, i) =>
      one === part && output.ready[i] === 1 ? [output.residual[i * C + c] as number] : [],
    );
  });
}

function longestByAsset(stretches: readonly Stretch[]): { stretch: Stretch; s: number }[] {
  const best = new Map<string, { stretch: Stretch; s: number }>();
  stretches.forEach((stretch, s) => {
    if (stretch.timesMs.length > (best.get(stretch.asset)?.stretch.timesMs.length ?? 0))
      best.set(stretch.asset, { stretch, s });
  });
  return [...best.values()].slice(0, drawnAssets);
}

/** The longest run of held-out frames, cut to size. */
function closeLook(stretches: readonly Stretch[]): { s: number; part: Part; from: number; to: number } {
  const runs = stretches.flatMap((stretch, s) => runsOf(stretch).map((run) => ({ ...run, s })));
  const preferred = ['calibrate', 'unused', 'validate', 'fit'] as const;
  const [best] = runs.sort(
    (a, b) => preferred.indexOf(a.part) - preferred.indexOf(b.part) || b.to - b.from - (a.to - a.from),
  );
  if (best === undefined) return { s: 0, part: 'unused', from: 0, to: 0 };
  const from = Math.max(best.from, Math.floor((best.from + best.to - closeFrames) / 2));
  return { ...best, from, to: Math.min(best.to, from + closeFrames) };
}

function everyNth(n: number): number[] {
  const step = Math.max(1, Math.ceil(n / mostPoints));
  return Array.from({ length: Math.ceil(n / step) }, (_, i) => i * step);
}

function maxOf(values: Float32Array, from: number, to: number): number {
  let largest = 0;
  for (let i = from; i < to; i++) largest = Math.max(largest, values[i] as number);
  return largest;
}

function joined(arrays: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}

/** At most `count` rows, evenly spread. */
function thin(rows: Float32Array, C: number, count: number): Float32Array {
  const n = rows.length / C;
  const kept = Math.min(n, count);
  const out = new Float32Array(kept * C);
  for (let i = 0; i < kept; i++) {
    const from = Math.floor((i * n) / kept) * C;
    out.set(rows.subarray(from, from + C), i * C);
  }
  return out;
}
