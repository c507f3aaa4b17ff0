/** Which detectors and which scoring stage judge a series: by how much normal data there is, never by labels. */
import type { Series } from '../sets/series.js';

/** Keys of `train.yaml`. */
export interface Chain {
  readonly detectors: readonly (string | Readonly<Record<string, unknown>>)[];
  readonly scoring: 'stationary' | 'tracking' | 'energy';
  readonly split?: { readonly fit: number; readonly validate: number; readonly calibrate: number };
  readonly persistence?: { readonly of: number; readonly need: number };
}

/** Fewer normal rows than this teach a network little, and say nothing of how normal drifts. */
const shortRows = 2000;

const split = { fit: 0.55, validate: 0.15, calibrate: 0.3 };

export const chains = {
  short: { detectors: ['level'], scoring: 'tracking', split, persistence: { of: 1, need: 1 } },
  long: {
    detectors: ['level', 'pca', 'var'].map((recipe) => ({ recipe, bounded: true })),
    scoring: 'energy',
    // What is in closed form needs no validation; energies are averages already.
    split: { fit: 0.68, validate: 0.02, calibrate: 0.3 },
    persistence: { of: 1, need: 1 },
  },
} as const satisfies Record<string, Chain>;

export function chainFor({ fitRows }: Series): Chain {
  return fitRows < shortRows ? chains.short : chains.long;
}
