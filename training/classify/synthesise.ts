/** `synth`: the generator of a bundle makes bursts of faults. */
import path from 'node:path';
import { loadBundle } from '../../model/bundle.js';
import { UserError } from '../../model/errors.js';
import { Random } from '../../model/random.js';
import { openSession } from '../../model/session.js';
import { closestWord } from '../../model/spelling.js';
import { partsOf } from './bursts.js';
import { featureNames } from './graph.js';

export interface SynthesiseOptions {
  readonly bundle: string;
  /** All by default. */
  readonly classes?: readonly string[] | undefined;
  /** Bursts of each class. */
  readonly count: number;
  readonly seed: number;
}

export interface Synthesised {
  /** [F] */
  readonly names: readonly string[];
  /** As the classifier's graph sees a burst: means of signals in normal spreads, residuals, logarithms of mean squares. */
  readonly rows: readonly { readonly class: string; readonly features: readonly number[] }[];
}

/** @throws UserError for a bundle without a generator, and a class that it does not know */
export async function synthesise({ bundle: dir, classes, count, seed }: SynthesiseOptions): Promise<Synthesised> {
  const bundle = await loadBundle(dir);
  const { classifier } = bundle.manifest;
  if (classifier?.generator === undefined)
    throw new UserError('it makes no synthetic faults.', { file: dir }, 'Teach it faults: anomalyd-train classify.');
  const known = classifier.classes;
  const wrong = classes?.find((name) => !known.includes(name));
  if (wrong !== undefined) {
    const meant = closestWord(wrong, known);
    const remedy = meant === undefined ? `It knows ${known.join(', ')}.` : `Do you mean ${meant}?`;
    throw new UserError(`it knows no fault "${wrong}".`, { file: dir }, remedy);
  }
  const { file, draws } = classifier.generator;
  const random = new Random(seed, 'synth');
  const wanted = (classes ?? known).flatMap((name) => new Array<string>(count).fill(name));
  const session = await openSession(path.join(bundle.dir, file));
  try {
    const { features } = await session.run({
      class: {
        data: Float32Array.from(wanted.flatMap((name) => known.map((one) => (one === name ? 1 : 0)))),
        dims: [wanted.length, known.length],
      },
      draws: {
        data: Float32Array.from({ length: wanted.length * draws }, () => random.normal()),
        dims: [wanted.length, draws],
      },
    });
    const names = featureNames(await partsOf(bundle));
    const F = names.length;
    const rows = wanted.map((name, i) => ({
      class: name,
      features: Array.from(features?.subarray(i * F, (i + 1) * F) ?? []),
    }));
    return { names, rows };
  } finally {
    await session.close();
  }
}
