/** Cauchy combination of surprises (Liu & Xie, JASA 2020): p-values of correlated detectors fused into one that holds in the far tail. */

/** A p-value near 1 would outvote any evidence: its term goes to minus infinity. Larger ones count as this. */
const maxP = 0.99;
/** Above this surprise cot(pi p) is 1 / (pi p) to double precision. */
const asymptotic = 20;
const farP = Math.exp(-asymptotic);

/** cot(pi k / steps) of k = 0..steps. */
const steps = 256;
const cotangents = Float64Array.from({ length: steps + 1 }, (_, k) => 1 / Math.tan((Math.PI * k) / steps));

/**
 * The evidence of frames, a row each: p-values, each either as it is or, where it is tiny, as a surprise -ln p. Fused: T = mean of tan((1/2 - p_i) pi) = mean of
 * cot(pi p_i), p = 1/2 - atan(T) / pi. For tiny p the sum is one of exponentials, so it is taken in the log domain: ln T = log-sum-exp(u_i) - ln(n pi).
 * Logarithms are slow: in normal operation, where no p is tiny, one is taken for what is fused and none for what is put in.
 */
export class Fusion {
  /** [rows] pieces of evidence put in since `clear`. */
  readonly count: Uint16Array;
  /** [rows * size] */
  private readonly p: Float64Array;
  /** cot(pi p); of tiny p-values 0. */
  private readonly term: Float64Array;
  /** -ln p of tiny p-values, of others 0. */
  private readonly far: Float64Array;

  /** @param size pieces of a row at most */
  constructor(
    private readonly size: number,
    rows = 1,
  ) {
    this.count = new Uint16Array(rows);
    this.p = new Float64Array(rows * size);
    this.term = new Float64Array(rows * size);
    this.far = new Float64Array(rows * size);
  }

  /** Empties the first `rows` rows. */
  clear(rows = 1): void {
    this.count.fill(0, 0, rows);
  }

  /** Puts in a p-value above 0. */
  addP(p: number, row = 0): void {
    if (p < farP) {
      this.addSurprise(-Math.log(p), row);
      return;
    }
    const i = this.next(row);
    this.p[i] = p;
    this.term[i] = cotangent(p < maxP ? p : maxP);
    this.far[i] = 0;
  }

  /** Puts in a surprise -ln p, however large. */
  addSurprise(u: number, row = 0): void {
    if (u <= asymptotic) {
      this.addP(Math.exp(-u), row);
      return;
    }
    const i = this.next(row);
    this.p[i] = 0;
    this.term[i] = 0;
    this.far[i] = u;
  }

  /** Fused -ln p of a row's pieces from `from` on; 0 of none. */
  fused(row = 0, from = 0): number {
    const { term, far } = this;
    const begin = row * this.size + from;
    const end = row * this.size + (this.count[row] as number);
    const n = end - begin;
    if (n === 0) return 0;
    let sum = 0;
    let largest = 0;
    for (let i = begin; i < end; i++) {
      sum += term[i] as number;
      if ((far[i] as number) > largest) largest = far[i] as number;
    }
    // atan2 is atan(1 / T) for T > 0 and its continuation through T = 0.
    if (largest === 0) return Math.max(0, -Math.log(Math.atan2(1, sum / n) / Math.PI));
    // T is kept divided by e^largest.
    sum *= Math.exp(-largest);
    for (let i = begin; i < end; i++) {
      const u = far[i] as number;
      if (u > 0) sum += Math.exp(u - largest) / Math.PI;
    }
    return Math.max(0, largest + Math.log((Math.PI * sum) / n));
  }

  /** What each piece of a row weighs in the sum, e^surprise, as a part of what the weightiest does: into `weights`. */
  weigh(weights: Float64Array, row = 0): void {
    const { p, far } = this;
    const begin = row * this.size;
    const count = this.count[row] as number;
    let largest = 0;
    let least = 1;
    for (let i = begin; i < begin + count; i++) {
      if ((far[i] as number) > largest) largest = far[i] as number;
      if ((p[i] as number) < least) least = p[i] as number;
    }
    for (let k = 0; k < count; k++) {
      const own = p[begin + k] as number;
      if (largest === 0) weights[k] = least / own;
      else weights[k] = own > 0 ? Math.exp(-largest) / own : Math.exp((far[begin + k] as number) - largest);
    }
  }

  private next(row: number): number {
    const count = this.count[row] as number;
    this.count[row] = count + 1;
    return row * this.size + count;
  }
}

/** cot(pi p) for p above 0 and not above `maxP`, to rounding: from a table, by the addition theorem. */
export function cotangent(p: number): number {
  const k = (steps * p + 0.5) | 0;
  const x = Math.PI * (p - k / steps);
  const square = x * x;
  // |x| <= pi / 512: the next term is below 1e-17.
  const tangent = x * (1 + square * (1 / 3 + square * (2 / 15 + square * (17 / 315))));
  if (k === 0) return 1 / tangent;
  const near = cotangents[k] as number;
  return (near - tangent) / (1 + near * tangent);
}
