/** The section of the report that shows residuals in a plane, normal ones and those of injected faults. */
import { type Chart, color, type Section, short } from './chart.js';
import { principalPlane } from './latent.js';
import type { Measured } from './measured.js';

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
