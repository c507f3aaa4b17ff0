/** Features of bursts in spreads of normal ones. */
import { median } from '../scaler.js';
import type { Burst } from './bursts.js';
import type { Example } from './example.js';
import { burstLimit, type Head } from './graph.js';

/** Features in spreads of normal bursts, never finer than the least that matters. */
export function standardise(bursts: readonly Burst[], classes: readonly string[]) {
  const normal = bursts.filter(({ fault }) => fault === undefined);
  const F = normal[0]?.features.length ?? 0;
  const column = (f: number) => Float64Array.from(normal, ({ features }) => features[f] ?? 0);
  const center = Array.from({ length: F }, (_, f) => Math.fround(median(column(f))));
  const scale = center.map((middle, f) =>
    Math.fround(0.05 + Math.sqrt(column(f).reduce((sum, value) => sum + (value - middle) ** 2, 0) / normal.length)),
  );
  /** Bursts of faults as examples; others are left out. */
  const of = (some: readonly Burst[]): Example[] =>
    some.flatMap(({ fault, features }) =>
      fault === undefined
        ? []
        : [{ label: classes.indexOf(fault), features: standardised({ center, scale }, features) }],
    );
  return { center, scale, of, normal: normal.map(({ features }) => standardised({ center, scale }, features)) };
}

/** @returns [F] */
export function standardised({ center, scale }: Pick<Head, 'center' | 'scale'>, features: readonly number[]): number[] {
  return features.map((value, f) =>
    Math.max(-burstLimit, Math.min(burstLimit, (value - (center[f] ?? 0)) / (scale[f] ?? 1))),
  );
}
