/** A word in the log when messages or rows are first left out, so that a mistake in the config or of a sender shows before anybody looks at metrics. */
import type { Log } from './log.js';
import { type Rejection, readingRejections } from './rejections.js';

/** Belong to daily life, or are told elsewhere. */
const untold: readonly Rejection[] = ['empty', 'retained', 'too-many-assets'];

export class RejectionNotice {
  readonly #told = new Set<Rejection>();
  #before: Float64Array;

  constructor(
    /** Running totals by index in `readingRejections`. */
    private readonly rejected: Float64Array,
    private readonly log: Log,
  ) {
    this.#before = rejected.slice();
  }

  /** Begins anew, as for another config. */
  reset(): void {
    this.#told.clear();
    this.#before = this.rejected.slice();
  }

  /** Once a second. */
  tick(): void {
    for (const [i, [reason, what, why]] of readingRejections.entries()) {
      const count = (this.rejected[i] ?? 0) - (this.#before[i] ?? 0);
      if (count === 0 || what === 'reading' || untold.includes(reason) || this.#told.has(reason)) continue;
      this.#told.add(reason);
      this.log.warn({ reason, [`${what}s`]: count }, `left out: ${why}. \`anomalyd doctor\` shows where; told once`);
    }
  }
}
