/** Probability that a bad score is above a good one; ties count half (Hanley & McNeil 1982). .5 = they can't be told apart. */
export function auroc(good: readonly number[], bad: readonly number[]): number {
  let above = 0;
  for (const b of bad) for (const g of good) above += b > g ? 1 : b === g ? 0.5 : 0;
  return above / (good.length * bad.length);
}
