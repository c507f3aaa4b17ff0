/** The section of the report that shows what detectors expected beside what was measured. */
import { type Chart, color, type Section, short } from './chart.js';
import { type Part, runsOf, type Stretch } from './frames.js';
import type { Measured } from './measured.js';

/** Frames of a close look. */
const closeFrames = 240;

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
