/** Does the exported graph compute what was trained? onnxruntime against any reference, before anything is written. */
import { UserError } from '../model/errors.js';
import { type GraphInput, openSession } from '../model/session.js';

/** Outputs by name; those that are not in the graph, and graph outputs that it does not give, are left out. */
export type Forward = (
  inputs: Readonly<Record<string, GraphInput>>,
) => Promise<Readonly<Record<string, Float32Array>>> | Readonly<Record<string, Float32Array>>;

export interface Parity {
  /** Largest difference of any output, relative to the number where that is above 1, and to its frame's sum for `deviations`. */
  readonly maxDifference: number;
  /** The output that differs most. */
  readonly output: string;
  /** Numbers compared. */
  readonly compared: number;
}

/** An export that differs more is a bug, here or in onnxruntime. */
export const parityLimit = 1e-4;

/**
 * Outputs of a detector that are one frame's deviation, or its parts by channel. Where it is large, a small part of it is a difference of large numbers, which no float32
 * computes to the same digits twice; where it is small, so is what it is made of. Neither changes a verdict: what counts is the error as a share of the frame's sum of magnitudes,
 * or of C, what a normal frame of C channels has.
 */
const deviations: Readonly<Record<string, (channels: number) => number>> = {
  score: () => 1,
  contribution: (channels) => channels,
  residual: (channels) => channels,
};

/**
 * Runs `forward` and the graph on every element of `inputs`.
 * @param onnx bytes of the .onnx file
 * @throws UserError above `limit`, and where an output is NaN on one side only
 */
export async function checkParity(
  forward: Forward,
  onnx: Uint8Array,
  inputs: readonly Readonly<Record<string, GraphInput>>[],
  limit = parityLimit,
): Promise<Parity> {
  const session = await openSession(onnx);
  try {
    let worst: Parity = { maxDifference: 0, output: '', compared: 0 };
    for (const feeds of inputs) {
      const [expected, actual] = [await forward(feeds), await session.run(feeds)];
      for (const name of session.outputNames) {
        const wanted = expected[name];
        if (wanted === undefined) continue;
        const channels = feeds.x?.dims.at(-1) ?? 1;
        const parts = deviations[name]?.(channels);
        worst = join(worst, compare(name, wanted, actual[name] ?? new Float32Array(0), parts, parts && channels));
      }
    }
    if (worst.compared === 0) throw new Error('no output to compare');
    if (worst.maxDifference <= limit) return worst;
    throw new UserError(
      `The exported graph differs from the trained network by ${worst.maxDifference.toExponential(1)} in "${worst.output}"; up to ${limit} is rounding.`,
      {},
      'Nothing was written. This is a bug of the exporter or of onnxruntime: please report it with the recipe.',
    );
  } finally {
    await session.close();
  }
}

/** @param group numbers that are parts of one: errors are relative to their sum of magnitudes, or to `least` where that is more */
function compare(output: string, wanted: Float32Array, actual: Float32Array, group = 1, least = 1): Parity {
  if (wanted.length !== actual.length) return { maxDifference: Infinity, output, compared: wanted.length };
  let maxDifference = 0;
  let sum = 0;
  for (const [i, a] of wanted.entries()) {
    if (i % group === 0) sum = wanted.subarray(i, i + group).reduce((total, value) => total + Math.abs(value), 0);
    const b = actual[i] ?? Number.NaN;
    if (Object.is(a, b) || a === b) continue;
    const relative = Math.abs(a - b) / Math.max(least, sum);
    maxDifference = Math.max(maxDifference, Number.isNaN(relative) ? Infinity : relative);
  }
  return { maxDifference, output, compared: wanted.length };
}

function join(a: Parity, b: Parity): Parity {
  return {
    maxDifference: Math.max(a.maxDifference, b.maxDifference),
    output: b.maxDifference > a.maxDifference || a.compared === 0 ? b.output : a.output,
    compared: a.compared + b.compared,
  };
}
