/** Two dimensions of many: the residuals' principal components. */
import { eigenSymmetric } from '../../model/linalg.js';

export interface Plane {
  /** Share of the variance that each axis explains. */
  readonly explained: readonly [number, number];
  /** [n, C] row by row -> x and y. */
  project(rows: Float32Array): [number, number][];
}

/** @param rows [n*C] residuals of normal operation */
export function principalPlane(rows: Float32Array, C: number): Plane {
  const n = rows.length / C;
  const mean = Array.from({ length: C }, (_, c) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += rows[i * C + c] as number;
    return sum / n;
  });
  const at = (values: Float32Array, i: number, c: number) => (values[i * C + c] as number) - (mean[c] as number);
  const moments = mean.map((_, a) =>
    mean.map((__, b) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += at(rows, i, a) * at(rows, i, b);
      return sum / n;
    }),
  );
  const { values, vectors } = eigenSymmetric(moments);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0) || 1;
  const axes = [C - 1, C - 2].map((k) => mean.map((_, c) => vectors[c]?.[k] ?? 0));
  const dot = (values: Float32Array, i: number, axis: readonly number[] = []) =>
    axis.reduce((sum, weight, c) => sum + weight * at(values, i, c), 0);
  return {
    explained: [(values[C - 1] ?? 0) / total, (values[C - 2] ?? 0) / total],
    project: (more) =>
      Array.from({ length: more.length / C }, (_, i) => [dot(more, i, axes[0]), dot(more, i, axes[1])]),
  };
}
