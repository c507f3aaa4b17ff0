/** The section of the report about scores: how often each was seen, and how often the calibration says it is. */
import { surprise } from '../../model/tail.js';
import { type Chart, type Section, short } from './chart.js';
import type { Measured } from './measured.js';

/** Frames; below it the line would only stretch the axis. */
const leastDrawn = 0.01;

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
            const wanted = scores.length * (survival(i * width) - beyond);
            return wanted < leastDrawn ? null : short(wanted);
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
