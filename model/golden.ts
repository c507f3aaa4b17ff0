/** A graph's golden vectors, run again: does it compute here what it computed at export? */
import { UserError } from './errors.js';
import type { Golden } from './manifest.js';
import type { GraphInput, GraphSession } from './session.js';

/** Largest difference to a golden vector, relative to values above 1. */
const tolerance = 1e-4;

/**
 * @param about the graph's name, as `golden.json` has it, its file, and floats of its state
 * @throws UserError where an output differs from its golden vector by more than 1e-4
 */
export async function runGolden(
  session: GraphSession,
  golden: readonly Golden[],
  about: { readonly name: string; readonly file: string; readonly stateSize?: number },
): Promise<void> {
  const { name, file, stateSize = 0 } = about;
  for (const { x, shape, state, outputs } of golden.filter(({ detector }) => detector === name)) {
    const feeds: Record<string, GraphInput> = {
      x: { data: Float32Array.from(x, (v) => v ?? Number.NaN), dims: shape },
    };
    if (session.inputNames.includes('state')) {
      const [N = 0] = shape;
      feeds.state = { data: Float32Array.from(state ?? new Float32Array(N * stateSize)), dims: [N, stateSize] };
    }
    const actual = await session.run(feeds);
    for (const [output, wanted] of Object.entries(outputs)) {
      const got = actual[output] ?? new Float32Array(0);
      const worst = wanted.reduce((most, value, i) => {
        return Math.max(most, Math.abs(value - (got[i] ?? Number.NaN)) / Math.max(1, Math.abs(value)));
      }, 0);
      if (worst <= tolerance && got.length === wanted.length) continue;
      throw new UserError(
        `Detector "${name}" does not give its golden output "${output}" here: off by ${worst.toExponential(1)}.`,
        { file },
        'The bundle or this machine’s onnxruntime is damaged; train the bundle again or reinstall.',
      );
    }
  }
}
