/** Chains of detectors and a scoring stage that may judge a benchmark. */

/** Keys of `train.yaml`. */
export interface Chain {
  readonly detectors: readonly (string | Readonly<Record<string, unknown>>)[];
  readonly scoring: 'stationary' | 'tracking' | 'energy';
  readonly split?: { readonly fit: number; readonly validate: number; readonly calibrate: number };
  readonly persistence?: { readonly of: number; readonly need: number };
  readonly smoothing?: number;
}

const split = { fit: 0.55, validate: 0.15, calibrate: 0.3 };
/** Averages and energies are smooth already. */
const once = { of: 1, need: 1 };
const bounded = (...recipes: readonly string[]) => recipes.map((recipe) => ({ recipe, bounded: true }));
/** What is in closed form needs no validation. */
const closedSplit = { fit: 0.68, validate: 0.02, calibrate: 0.3 };

const frameByFrame = (...detectors: readonly string[]): Chain => {
  return {
    detectors,
    scoring: 'stationary',
    split: { fit: 0.5, validate: 0.1, calibrate: 0.4 },
    persistence: once,
    smoothing: 1,
  };
};

export const chains = {
  short: { detectors: ['level'], scoring: 'tracking', split, persistence: once },
  long: { detectors: bounded('level', 'pca', 'var'), scoring: 'energy', split: closedSplit, persistence: once },
} as const satisfies Record<string, Chain>;

/** What `--choose` ranks, by the name that it goes under. */
export const candidates = {
  'tracking: level': chains.short,
  'tracking: level, pca': { ...chains.short, detectors: ['level', 'pca'] },
  'tracking: level, var': { ...chains.short, detectors: ['level', 'var'] },
  'tracking: level, dense-ae': { ...chains.short, detectors: ['level', 'dense-ae'] },
  'energy: level, pca, var': chains.long,
  'energy: level': { ...chains.long, detectors: bounded('level') },
  'energy: pca': { ...chains.long, detectors: bounded('pca') },
  'energy: level, pca, var, dense-ae': {
    ...chains.long,
    detectors: [...bounded('level', 'pca', 'var'), 'dense-ae'],
    split,
  },
  'stationary: level, frame by frame': frameByFrame('level'),
  'stationary: level, var, frame by frame': frameByFrame('level', 'var'),
  'stationary: level, var': { detectors: ['level', 'var'], scoring: 'stationary', split },
  'stationary: pca': { detectors: ['pca'], scoring: 'stationary', split },
  'stationary: lstm, dense-ae': { detectors: ['lstm', 'dense-ae'], scoring: 'stationary', split },
} as const satisfies Readonly<Record<string, Chain>>;

export type CandidateName = keyof typeof candidates;
