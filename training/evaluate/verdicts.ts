/** What a method says of the judged rows of a series. */

/** Rows from the end of what may be learned from to the end of the series. */
export interface Verdicts {
  /** Larger is stranger, finite; 1 = alarm. */
  readonly scores: Float64Array;
  /** 0 or 1 */
  readonly alarms: Uint8Array;
}

/** An alarm wherever the score reaches 1. */
export function verdictsOf(scores: Float64Array): Verdicts {
  return { scores, alarms: Uint8Array.from(scores, (score) => (score >= 1 ? 1 : 0)) };
}

/**
 * Scores of what people would be told: a row counts only where it is stranger than all of the `holdRows` before it, at whatever threshold; what goes on is no news.
 * All else is 0.
 */
export function newsOf(scores: Float64Array, holdRows: number): Float64Array {
  // Rows that none after them within reach has passed, strangest first.
  const rivals: number[] = [];
  let first = 0;
  return scores.map((score, row) => {
    while (first < rivals.length && (rivals[first] as number) < row - holdRows) first++;
    const strongest = first < rivals.length ? (scores[rivals[first] as number] as number) : Number.NEGATIVE_INFINITY;
    while (rivals.length > first && (scores[rivals.at(-1) as number] as number) <= score) rivals.pop();
    rivals.push(row);
    return score > strongest ? score : 0;
  });
}
