/** The features of bursts computed beside the classifier's graph: the detectors run alone, window by window, and plain loops. */
import type { Bundle } from '../../model/bundle.js';
import { DetectorSession } from '../../model/detector.js';
import type { GraphInput } from '../../model/session.js';
import { burstLimit, leastEnergy, type Parts } from './graph.js';

/** [n][F] @param x [n, W, C] */
export async function featuresOf(
  bundle: Bundle,
  { channels, detectors, window: W }: Parts,
  x: GraphInput,
): Promise<number[][]> {
  const C = channels.length;
  const n = x.data.length / (W * C);
  const bounded = (value: number) => Math.max(-burstLimit, Math.min(burstLimit, value));
  const column = (values: Float32Array, from: number, frames: number, c: number) =>
    Array.from({ length: frames }, (_, t) => values[(from + t) * C + c] as number);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const rows = Array.from({ length: n }, (_, row) =>
    channels.map(({ center, scale }, c) =>
      mean(
        column(x.data, row * W, W, c).map((value) => (Number.isFinite(value) ? bounded((value - center) / scale) : 0)),
      ),
    ),
  );
  for (const { manifest } of detectors) {
    const session = await DetectorSession.open(bundle, detectorOf(bundle, manifest.name));
    const skip = manifest.kind === 'window' ? manifest.window - 1 : manifest.warmupFrames;
    for (let row = 0; row < n; row++) {
      const { residual } = await session.sequence(x.data.subarray(row * W * C, (row + 1) * W * C), W);
      const each = channels.map((_, c) => column(residual, skip, W - skip, c).map(bounded));
      rows[row]?.push(
        ...each.map(mean),
        ...each.map((e) => Math.log(leastEnergy + mean(e.map((value) => value ** 2)))),
      );
    }
    await session.close();
  }
  return rows;
}

function detectorOf({ manifest }: Bundle, name: string) {
  const found = manifest.detectors.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no detector ${name}`);
  return found;
}
