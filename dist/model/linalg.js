/** Symmetric matrices, as small as a machine has signals: eigen decomposition and inverse square root. */
const maxSweeps = 100;
/** Cyclic Jacobi (Golub & Van Loan, Matrix Computations, 8.5): slow for large matrices, exact to rounding for small ones. */
export function eigenSymmetric(matrix) {
    const n = matrix.length;
    const a = Float64Array.from(matrix.flat());
    if (a.length !== n * n || !a.every(Number.isFinite))
        throw new RangeError('eigenSymmetric: not a finite square matrix');
    const v = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
        v[i * n + i] = 1;
    const get = (m, i, j) => m[i * n + j];
    const norm = a.reduce((sum, x) => sum + x * x, 0);
    for (let sweep = 0; sweep < maxSweeps; sweep++) {
        let off = 0;
        for (let p = 0; p < n; p++)
            for (let q = p + 1; q < n; q++)
                off += get(a, p, q) ** 2;
        if (off <= 1e-30 * norm)
            break;
        for (let p = 0; p < n; p++) {
            for (let q = p + 1; q < n; q++) {
                const apq = get(a, p, q);
                if (apq === 0)
                    continue;
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
export function inverseSquareRoot(matrix, floor) {
    const { values, vectors } = eigenSymmetric(matrix);
    const weights = values.map((value) => 1 / Math.sqrt(Math.max(value, floor)));
    return vectors.map((vi) => vectors.map((vj) => weights.reduce((sum, w, k) => sum + w * vi[k] * vj[k], 0)));
}
//# sourceMappingURL=linalg.js.map