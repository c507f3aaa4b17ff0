/** Do the graphs of classifier and generator compute what was trained? Against plain loops, before anything is written. */
import type { Bundle } from '../../model/bundle.js';
import { Random } from '../../model/random.js';
import { checkParity } from '../parity.js';
import { drawsOf, type Generator, generated } from './generator.js';
import type { Head, Parts } from './graph.js';
import { probabilities } from './head.js';
import { featuresOf } from './reference.js';
import { standardised } from './standardise.js';

/** The graphs against plain loops. */
const parityLimit = 1e-5;

/** @throws UserError where the graph does not compute what was trained */
export async function classifierDifference(
  onnx: Uint8Array,
  parts: Parts,
  head: Head,
  bundle: Bundle,
): Promise<number> {
  const random = new Random('classifier parity');
  const { channels, window: W } = parts;
  const n = 16;
  const data = Float32Array.from({ length: n * W * channels.length }, (_, i) => {
    const channel = channels[i % channels.length];
    return random.chance(0.05) ? Number.NaN : random.normal(channel?.center, channel?.scale);
  });
  const x = { data, dims: [n, W, channels.length] };
  const forward = async () => {
    const features = await featuresOf(bundle, parts, x);
    return {
      class: Float32Array.from(features.flatMap((row) => probabilities(head.weights, standardised(head, row)))),
    };
  };
  return (await checkParity(forward, onnx, [{ x }], parityLimit)).maxDifference;
}

/** @throws UserError where the graph does not compute what was trained */
export async function generatorDifference(
  onnx: Uint8Array,
  { center, scale }: Head,
  generator: Generator,
): Promise<number> {
  const n = 16;
  const K = generator.means.length;
  const label = (i: number) => i % K;
  const draws = drawsOf(generator, n, new Random('generator parity'));
  const onehot = draws.flatMap((_, i) => Array.from({ length: K }, (_k, k) => (k === label(i) ? 1 : 0)));
  const inputs = {
    class: { data: Float32Array.from(onehot), dims: [n, K] },
    draws: { data: Float32Array.from(draws.flat()), dims: [n, draws[0]?.length ?? 0] },
  };
  const forward = () => {
    const rows = draws.map((row, i) => generated(generator, label(i), row.map(Math.fround)));
    return {
      features: Float32Array.from(
        rows.flatMap((row) => row.map((value, f) => value * (scale[f] ?? 1) + (center[f] ?? 0))),
      ),
    };
  };
  return (await checkParity(forward, onnx, [inputs], parityLimit)).maxDifference;
}
