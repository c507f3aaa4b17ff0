/** Symmetric matrices, as small as a machine has signals: eigen decomposition and square roots. */

export type Matrix = readonly (readonly number[])[];

export interface Eigen {
  /** Rising. */
  readonly values: readonly number[];
  /** Column k (`vectors[i][k]`) belongs to `values[k]`; orthonormal. */
  readonly vectors: Matrix;
}

const maxSweeps = 100;

/** Cyclic Jacobi (Golub & Van Loan, Matrix Computations, 8.5): slow for large matrices, exact to rounding for small ones. */
export function eigenSymmetric(matrix: Matrix): Eigen {
  const n = matrix.length;
  const a = Float64Array.from(matrix.flat());
  if (a.length !== n * n || !a.every(Number.isFinite))
    throw new RangeError('eigenSymmetric: not a finite square matrix');
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  const get = (m: Float64Array, i: number, j: number): number => m[i * n + j] as number;
  const norm = a.reduce((sum, x) => sum + x * x, 0);

  for (let sweep = 0; sweep < maxSweeps; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += get(a, p, q) ** 2;
    if (off <= 1e-30 * norm) break;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const apq = get(a, p, q);
        if (apq === 0) continue;
        const theta = (get(a, q, q) - get(a, p, p)) / (2 * apq);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < n; k++) {
          const akp = get(a, k, p);
          const akq = get(a, k, q);
          a[k * n + p] = c * akp - s * akq;
          a[k * n + q] = s * akp + c * akq;
        }
        for (let k = 0; k < n; k++) {
          const apk = get(a, p, k);
          const aqk = get(a, q, k);
          a[p * n + k] = c * apk - s * aqk;
          a[q * n + k] = s * apk + c * aqk;
          const vkp = get(v, k, p);
          const vkq = get(v, k, q);
          v[k * n + p] = c * vkp - s * vkq;
          v[k * n + q] = s * vkp + c * vkq;
        }
      }
    }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => get(a, i, i) - get(a, j, j));
  return {
    values: order.map((i) => get(a, i, i)),
    vectors: Array.from({ length: n }, (_, i) => order.map((k) => get(v, i, k))),
  };
}

/** Symmetric inverse square root, V diag(1/sqrt(max(value, floor))) V'. */
export function inverseSquareRoot(matrix: Matrix, floor: number): number[][] {
  return ofEigenvalues(matrix, (value) => 1 / Math.sqrt(Math.max(value, floor)));
}

/** Symmetric square root of a positive semidefinite matrix, V diag(sqrt(value)) V'. */
export function squareRoot(matrix: Matrix): number[][] {
  return ofEigenvalues(matrix, (value) => Math.sqrt(Math.max(value, 0)));
}

function ofEigenvalues(matrix: Matrix, of: (value: number) => number): number[][] {
  const { values, vectors } = eigenSymmetric(matrix);
  const weights = values.map(of);
  return vectors.map((vi) =>
    vectors.map((vj) => weights.reduce((sum, w, k) => sum + w * (vi[k] as number) * (vj[k] as number), 0)),
  );
}

/** X of A X = B for a symmetric positive definite A, by Cholesky factors (Golub & Van Loan, 4.2). */
export function solveSymmetric(a: Matrix, b: Matrix): number[][] {
  const n = a.length;
  const columns = b[0]?.length ?? 0;
  const lower = a.map(() => new Float64Array(n));
  for (let i = 0; i < n; i++) {
    const li = lower[i] as Float64Array;
    for (let j = 0; j <= i; j++) {
      const lj = lower[j] as Float64Array;
      let sum = a[i]?.[j] ?? Number.NaN;
      for (let k = 0; k < j; k++) sum -= (li[k] as number) * (lj[k] as number);
      if (i === j && !(sum > 0)) throw new RangeError('solveSymmetric: not positive definite');
      li[j] = i === j ? Math.sqrt(sum) : sum / (lj[j] as number);
    }
  }
  const x = b.map((row) => [...row]);
  for (let c = 0; c < columns; c++) {
    for (let i = 0; i < n; i++) {
      let sum = x[i]?.[c] as number;
      for (let k = 0; k < i; k++) sum -= (lower[i]?.[k] as number) * (x[k]?.[c] as number);
      (x[i] as number[])[c] = sum / (lower[i]?.[i] as number);
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = x[i]?.[c] as number;
      for (let k = i + 1; k < n; k++) sum -= (lower[k]?.[i] as number) * (x[k]?.[c] as number);
      (x[i] as number[])[c] = sum / (lower[i]?.[i] as number);
    }
  }
  return x;
}
