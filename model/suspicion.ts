/** Sensor or machine? What is suspected behind the present deviation of one asset, and the evidence that gathers for it and against it. */
import type { ResultBatch } from './frames.js';
import { ImpliedError } from './implied-error.js';

/**
 * - `none`: nothing deviates, or nobody has looked yet
 * - `undecided`: one signal alone explains the deviation; whether its sensor is wrong or the machine sick shows in that signal alone cannot be told yet
 * - `sensor`: one signal alone explains it, and its error does not care what the machine does
 * - `machine`: no signal alone explains it, or the errors of all that would move with what the machine does
 */
export const verdicts = ['none', 'undecided', 'sensor', 'machine'] as const;
export type Verdict = (typeof verdicts)[number];
export const verdictCode = Object.fromEntries(verdicts.map((verdict, i) => [verdict, i])) as Readonly<
  Record<Verdict, number>
>;

/** The part of `n` results that tells of diagnosis, with nothing to tell. */
export function undiagnosed(
  n: number,
  channels: number,
): Pick<ResultBatch, 'verdict' | 'suspect' | 'explains' | 'cause' | 'certainty'> {
  return {
    verdict: new Uint8Array(n),
    suspect: new Uint8Array(n * channels),
    explains: new Float32Array(n * channels).fill(Number.NaN),
    cause: new Uint8Array(n),
    certainty: new Float32Array(n),
  };
}

/** A signal explains a deviation if less than this part of it, and of an alarm, is left without it. */
const explainedBelow = 0.5;
/** Signals that explain as much as the best, to this, are suspected with it: they cannot be told apart yet. */
const tie = 0.15;
/** Frames of implied error before its course says anything. */
const leastFrames = 120;
/** Normal spreads that the operating point must have moved meanwhile: while a machine stands at one load, its deviation is as even as a sensor's. */
const leastTravel = 0.5;
/** Memory, in frames, of what is left without the suspect. */
const restFrames = 60;

/**
 * Log-odds of `machine` against `sensor`, linear in the logarithms of: the unevenness of the implied error, what is left of the deviation without the suspect, frames
 * (to `mostFrames`), and size of the error. Logistic regression on simulated faults (bundles of two training seeds, 250 faults); `npm run bench:faults` reports on other
 * seeds. From `sure` on, to either side, there is a verdict.
 */
const odds = {
  bias: 29.1,
  unevenness: 3.83,
  rest: 0.98,
  frames: -3.36,
  level: 1.53,
  mostFrames: 600,
  sure: 4,
} as const;
/** Frames for which the odds must have stood for the machine before a sensor is cleared for good: they are looked at in every frame, and waver. */
const clearFrames = 120;
/** What is less says no more: severity that is left, and size of the error in normal spreads. */
const leastSize = 0.01;

/** What hiding each signal leaves of a deviation. */
export interface Explanation {
  /** Mean instant severity of the judged frames as they were. */
  readonly whole: number;
  /** [C] the same with each signal hidden; NaN = not tried. */
  readonly rest: Float64Array;
}

export class Suspicion {
  verdict: Verdict = 'none';
  /** The signal that explains the deviation best; -1 = none does. */
  suspect = -1;
  /** [C] 1 = explains it as well as the suspect does. */
  readonly group: Uint8Array;
  /** [C] share of the deviation that is gone without the signal; NaN = not tried. */
  readonly explains: Float32Array;
  readonly error = new ImpliedError();
  /** [C] 1 = the course of its error has cleared its sensor: it is suspected no more in this deviation. */
  private readonly cleared: Uint8Array;
  /** Moving average of the instant severity without the suspect; NaN before the first. */
  rest = Number.NaN;
  /** Frames in a row in which the odds stood for the machine. */
  private against = 0;

  /** @param jumped signal that jumped alone just before the deviation, to stay there; -1 = none did */
  constructor(
    channels: number,
    private readonly jumped: number,
  ) {
    this.group = new Uint8Array(channels);
    this.cleared = new Uint8Array(channels);
    this.explains = new Float32Array(channels).fill(Number.NaN);
  }

  /** The suspect has just been cleared: see who else explains the deviation. */
  get isCleared(): boolean {
    return this.suspect >= 0 && this.cleared[this.suspect] === 1;
  }

  /** Takes what hiding each signal leaves; true where there is another suspect than before. */
  explain({ whole, rest }: Explanation): boolean {
    const before = this.suspect;
    const isEnough = (c: number) => this.cleared[c] === 0 && (rest[c] as number) < explainedBelow * Math.min(1, whole);
    let best = -1;
    for (let c = 0; c < rest.length; c++) {
      this.explains[c] = Math.min(1, Math.max(0, 1 - (rest[c] as number) / whole));
      if (isEnough(c) && (best < 0 || (rest[c] as number) < (rest[best] as number))) best = c;
    }
    // What jumped alone is meant, as long as it explains the rest.
    if (this.jumped >= 0 && isEnough(this.jumped)) best = this.jumped;
    // A suspect stays one while no other is clearly better, so that its evidence can gather.
    else if (before >= 0 && isEnough(before) && (rest[before] as number) < (rest[best] as number) + tie * whole)
      best = before;
    this.suspect = best;
    const limit = best < 0 ? 0 : (rest[best] as number) + tie * Math.min(1, whole);
    for (let c = 0; c < rest.length; c++)
      this.group[c] = c === best || (best !== this.jumped && isEnough(c) && (rest[c] as number) < limit) ? 1 : 0;
    if (best !== before) {
      this.error.clear();
      this.rest = Number.NaN;
      this.against = 0;
    }
    if (best < 0) this.verdict = 'machine';
    else if (best !== before) this.verdict = 'undecided';
    return best !== before;
  }

  /**
   * Takes one more frame of the suspect.
   * @param error what it reads less what the others imply for it, in normal spreads
   * @param implied what they imply, in normal spreads
   * @param rest instant severity of the machine without it
   */
  observe(error: number, implied: number, rest: number): void {
    if (!Number.isNaN(error)) this.error.push(error, implied);
    const weight = Math.max(1 / restFrames, Number.isNaN(this.rest) ? 1 : 1 / (this.error.frames + 1));
    this.rest = Number.isNaN(this.rest) ? rest : this.rest + weight * (rest - this.rest);
    if (this.error.frames < leastFrames || this.error.travel() < leastTravel) return;
    const machine = this.oddsOfMachine();
    this.against = machine > odds.sure ? this.against + 1 : 0;
    if (this.against >= clearFrames) this.cleared[this.suspect] = 1;
    else if (machine < -odds.sure) this.verdict = 'sensor';
  }

  /** Log-odds that the machine is behind it; NaN while too little is known. */
  oddsOfMachine(): number {
    const { error } = this;
    return (
      odds.bias +
      odds.unevenness * Math.log(error.unevenness()) +
      odds.rest * Math.log(leastSize + this.rest) +
      odds.frames * Math.log(Math.min(error.frames, odds.mostFrames)) +
      odds.level * Math.log(leastSize + error.level())
    );
  }
}
