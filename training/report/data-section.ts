/** The section of the report that shows each signal and the severity, with the part of training behind. */
import type { Verdict } from '../bundle-run.js';
import { type Chart, color, type Section, short } from './chart.js';
import { type Part, runsOf, type Stretch } from './frames.js';
import type { Measured } from './measured.js';

const partColors: Readonly<Record<Part, string>> = {
  fit: 'rgba(0, 114, 178, .12)',
  validate: 'rgba(230, 159, 0, .20)',
  calibrate: 'rgba(0, 158, 115, .16)',
  unused: 'rgba(120, 120, 120, .12)',
};

/** Points of one line: more than a screen has. */
const mostPoints = 1500;
/** Machines that are drawn; the figures count all. */
const drawnAssets = 3;

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

function longestByAsset(stretches: readonly Stretch[]): { stretch: Stretch; s: number }[] {
  const best = new Map<string, { stretch: Stretch; s: number }>();
  stretches.forEach((stretch, s) => {
    if (stretch.timesMs.length > (best.get(stretch.asset)?.stretch.timesMs.length ?? 0))
      best.set(stretch.asset, { stretch, s });
  });
  return [...best.values()].slice(0, drawnAssets);
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
