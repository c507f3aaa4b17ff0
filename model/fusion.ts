/** Cauchy combination of surprises (Liu & Xie 2020): right under any correlation where it matters, in the far tail. */

/** Fused -ln p of the first `n` surprises. */
export function fuse(_surprises: ArrayLike<number>, _n: number = _surprises.length): number {
  throw new Error('not built yet');
}
