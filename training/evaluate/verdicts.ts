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
