/** Cauchy combination of surprises (Liu & Xie, JASA 2020): p-values of correlated detectors fused into one that holds in the far tail. */

/** A p-value near 1 would outvote any evidence: its term goes to minus infinity. Larger ones count as this. */
const maxP = 0.99;
/** Above this surprise cot(pi p) is 1 / (pi p) to double precision. */
const asymptotic = 20;
const farP = Math.exp(-asymptotic);

/**
 * The evidence of one frame: p-values, each either as it is or, where it is tiny, as a surprise -ln p. Fused: T = mean of tan((1/2 - p_i) pi) = mean of
 * cot(pi p_i), p = 1/2 - atan(T) / pi. For tiny p the sum is one of exponentials, so it is taken in the log domain: ln T = log-sum-exp(u_i) - ln(n pi).
 * Logarithms are slow: in normal operation, where no p is tiny, one is taken for what is fused and none for what is put in.
 */
export class Fusion {
  /** Pieces of evidence put in since `clear`. */
  count = 0;
  private readonly p: Float64Array;
  /** cot(pi p); of tiny p-values 0. */
  private readonly term: Float64Array;
  /** -ln p of tiny p-values, of others 0. */
  private readonly far: Float64Array;

  /** @param size pieces at most */
  constructor(size: number) {
    this.p = new Float64Array(size);
    this.term = new Float64Array(size);
    this.far = new Float64Array(size);
  }

  clear(): void {
    this.count = 0;
  }

  /** Puts in a p-value above 0. */
  addP(p: number): void {
    if (p < farP) {
      this.addSurprise(-Math.log(p));
      return;
    }
    const i = this.count++;
    this.p[i] = p;
    this.term[i] = 1 / Math.tan(Math.PI * Math.min(maxP, p));
    this.far[i] = 0;
  }

  /** Puts in a surprise -ln p, however large. */
  addSurprise(u: number): void {
    if (u <= asymptotic) {
      this.addP(Math.exp(-u));
      return;
    }
    const i = this.count++;
    this.p[i] = 0;
    this.term[i] = 0;
    this.far[i] = u;
  }

  /** Fused -ln p of the pieces `from` to before `to`; 0 of none. */
  fused(from = 0, to = this.count): number {
    const n = to - from;
    if (n === 0) return 0;
    let sum = 0;
    let largest = 0;
    for (let i = from; i < to; i++) {
      sum += this.term[i] as number;
      largest = Math.max(largest, this.far[i] as number);
    }
    // atan2 is atan(1 / T) for T > 0 and its continuation through T = 0.
    if (largest === 0) return Math.max(0, -Math.log(Math.atan2(1, sum / n) / Math.PI));
    // T is kept divided by e^largest.
    sum *= Math.exp(-largest);
    for (let i = from; i < to; i++) {
      const u = this.far[i] as number;
      if (u > 0) sum += Math.exp(u - largest) / Math.PI;
    }
    return Math.max(0, largest + Math.log((Math.PI * sum) / n));
  }

  /** What each piece weighs in the sum, e^surprise, as a part of what the weightiest does: into `weights`. */
  weigh(weights: Float64Array): void {
    const { count } = this;
    let largest = 0;
    let least = 1;
    for (let i = 0; i < count; i++) {
      largest = Math.max(largest, this.far[i] as number);
      least = Math.min(least, this.p[i] as number);
    }
    for (let i = 0; i < count; i++) {
      const p = this.p[i] as number;
      weights[i] =
        largest === 0 ? least / p : p > 0 ? Math.exp(-largest) / p : Math.exp((this.far[i] as number) - largest);
    }
  }
}
