/** Scaling for recipes in closed form: by default the data's own, unbounded; `bounded` for many signals that are mostly flat and sometimes burst. */
import { z } from 'zod';
import type { Segment } from '../../model/segment.js';
import { column, type Scaler } from '../scaler.js';

export const boundOptions = {
  bounded: z
    .boolean()
    .default(false)
    .describe(
      'scale by standard deviation, at least 5 % of the range seen, and cut off at 10 of it: for servers and the like, where one signal that bursts would drown all others',
    ),
};

export interface Bounded {
  readonly scaler: Scaler;
  /** Values beyond it count as it. */
  readonly limit: number;
}

const leastOfRange = 0.05;
const limit = 10;

export function boundedScaler(
  {
    fit,
    scaler,
    channels,
  }: { readonly fit: readonly Segment[]; readonly scaler: Scaler; readonly channels: readonly string[] },
  bounded: boolean,
): Bounded {
  if (!bounded) return { scaler, limit: Number.POSITIVE_INFINITY };
  const C = channels.length;
  const columns = channels.map((_, c) => {
    const values = column(fit, C, c);
    const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length);
    const [low, high] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
    const scale = Math.max(Math.sqrt(variance), leastOfRange * (high - low));
    return scaler.constant[c] || values.length === 0 || !(scale > 0)
      ? { center: scaler.center[c] as number, scale: 1 }
      : { center: mean, scale };
  });
  return {
    scaler: {
      center: columns.map(({ center }) => Math.fround(center)),
      scale: columns.map(({ scale }) => Math.fround(scale)),
      constant: scaler.constant,
    },
    limit,
  };
}
