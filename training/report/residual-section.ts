/** The section of the report about residuals, by signal and part of training. */
import type { DetectorOutputs } from '../../model/detector.js';
import { type Chart, color, type Section, short } from './chart.js';
import { allParts, type Part, type Stretch } from './frames.js';
import type { Measured } from './measured.js';

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
