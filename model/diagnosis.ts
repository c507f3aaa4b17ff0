/** Would the machine still be strange without this signal? Tells what one wrong sensor explains from what it does not. */
import type { DetectorOutputs, DetectorSession } from './detector.js';
import type { Manifest } from './manifest.js';
import { scoringStage } from './stage.js';
import { emptyVerdicts, type ScoringStage, type Verdicts } from './verdicts.js';

/** Frames after warm-up that are looked at again. */
const judgedFrames = 24;
/** What is left counts over this many frames: one quiet frame acquits nobody. */
const restFrames = 3;
/** A wrong signal smears over others, but is among those that deviate most itself. */
const mostCandidates = 8;
/** From this instant severity on a frame is looked into. */
const strangeAt = 1;
/** One signal explains a deviation if less than this part of an alarm is left without it. */
const explainedBelow = 0.5;
/** Of signals without which as much is left, to this, the one that deviates most is meant. */
const tie = 0.1;
/** Share of the evidence of a signal that explains it all. */
export const soleShare = 0.85;
/** Frames of a deviation that are each looked into; after that ever more seldom, by this factor. */
const earlyFrames = 8;
const patience = 1.5;
/** Frames without deviation after which the next one is another. */
const quietFrames = 30;

/**
 * Reconstruction-based contribution (Alcala & Qin, Automatica 2009) without its linear model: the detectors have learned to do without a signal, so the newest
 * frames are scored again with each of those that deviate hidden in turn. What is left of the surprise is what the others say by themselves, untouched by
 * what a wrong input does to their expectations. It cannot tell a sensor from a machine whose sickness shows in one signal, or in several that are no more than
 * one consistent with each other: it says what to look at first.
 */
export class Diagnosis {
  private readonly channels: number;
  private readonly length: number;
  private readonly scorer: ScoringStage;
  private readonly verdicts: Verdicts;
  /** [slots * length * C], each slot a ring. */
  private ring: Float32Array<ArrayBuffer> = new Float32Array(0);
  // [slots]
  /** Frames since reset. */
  private seen = new Uint32Array(0);
  /** Frames of the present deviation, and that at which it is looked into next. */
  private age = new Uint32Array(0);
  private next = new Uint32Array(0);
  private quiet = new Uint32Array(0);
  /** 1 + the signal that explains it; 0 = none does. */
  private sole = new Uint16Array(0);

  private constructor(
    manifest: Manifest,
    private readonly sessions: readonly DetectorSession[],
    alarmLevel: number,
  ) {
    const { channels, detectors } = manifest;
    const C = channels.length;
    this.channels = C;
    const longest = Math.max(...detectors.map(({ window, warmupFrames }) => Math.max(window, warmupFrames)));
    this.length = judgedFrames + longest;
    this.scorer = scoringStage(manifest, alarmLevel);
    this.scorer.ensure(1);
    this.verdicts = emptyVerdicts(this.length, C, detectors.length);
  }

  /** Undefined where nobody has learned what is normal without a signal, or there is but one. */
  static of(manifest: Manifest, sessions: readonly DetectorSession[], alarmLevel: number): Diagnosis | undefined {
    const isLearned = manifest.detectors.every(({ calibration }) => calibration.absent !== undefined);
    return isLearned && manifest.channels.length > 1 ? new Diagnosis(manifest, sessions, alarmLevel) : undefined;
  }

  /** Makes room for `slots` slots. */
  ensure(slots: number): void {
    if (slots <= this.seen.length) return;
    const size = Math.max(slots, 2 * this.seen.length);
    const grow = <A extends Uint32Array | Uint16Array | Float32Array>(grown: A, old: A): A => {
      grown.set(old);
      return grown;
    };
    this.seen = grow(new Uint32Array(size), this.seen);
    this.age = grow(new Uint32Array(size), this.age);
    this.next = grow(new Uint32Array(size), this.next);
    this.quiet = grow(new Uint32Array(size), this.quiet);
    this.sole = grow(new Uint16Array(size), this.sole);
    this.ring = grow(new Float32Array(size * this.length * this.channels), this.ring);
  }

  reset(slot: number): void {
    this.seen[slot] = 0;
    this.forget(slot);
  }

  /**
   * Takes row `row` of `values` [n*C] (after health) as the newest frame of `slot`; where it is strange, gives the signal that explains it `soleShare`
   * of its `contribution`. What is decided for a frame depends on the frames of its slot alone.
   */
  async step(
    slot: number,
    row: number,
    values: Float32Array,
    into: Pick<Verdicts, 'instant' | 'contribution' | 'mode'>,
  ) {
    const { channels: C } = this;
    this.remember(slot, values, row * C);
    const isStrange = (into.instant[row] as number) >= strangeAt;
    if (!isStrange) {
      if (this.age[slot] === 0) return;
      this.quiet[slot] = (this.quiet[slot] as number) + 1;
      if ((this.quiet[slot] as number) >= quietFrames) this.forget(slot);
      return;
    }
    this.quiet[slot] = 0;
    const age = (this.age[slot] as number) + 1;
    this.age[slot] = age;
    const shares = into.contribution.subarray(row * C, (row + 1) * C);
    if (age >= (this.next[slot] as number)) {
      this.next[slot] = age < earlyFrames ? age + 1 : Math.ceil(age * patience);
      this.sole[slot] = 1 + (await this.explain(this.newest(slot), shares, into.mode[row] as number));
    }
    const sole = (this.sole[slot] as number) - 1;
    if (sole >= 0) accuse(shares, sole);
  }

  private forget(slot: number): void {
    this.age[slot] = this.next[slot] = this.quiet[slot] = this.sole[slot] = 0;
  }

  private remember(slot: number, values: Float32Array, from: number): void {
    const { channels: C, length } = this;
    const seen = this.seen[slot] as number;
    const to = (slot * length + (seen % length)) * C;
    for (let c = 0; c < C; c++) this.ring[to + c] = values[from + c] as number;
    // Kept small, so that it never runs over.
    this.seen[slot] = seen + 1 < 2 * length ? seen + 1 : length;
  }

  /** Its frames, oldest first. */
  private newest(slot: number): Float32Array {
    const { channels: C, length, ring } = this;
    const seen = this.seen[slot] as number;
    const start = slot * length * C;
    if (seen < length) return ring.slice(start, start + seen * C);
    const oldest = start + (seen % length) * C;
    const frames = new Float32Array(length * C);
    frames.set(ring.subarray(oldest, start + length * C));
    frames.set(ring.subarray(start, oldest), start + length * C - oldest);
    return frames;
  }

  /** The signal without which the newest of `frames` are not strange; -1 = there is none. */
  private async explain(frames: Float32Array, shares: Float32Array, mode: number): Promise<number> {
    const { channels: C } = this;
    const candidates = Array.from(shares, (share, channel) => ({ share, channel }))
      .sort((a, b) => b.share - a.share)
      .slice(0, mostCandidates);
    let found = -1;
    let least = explainedBelow;
    for (const { channel } of candidates) {
      const hidden = frames.slice();
      for (let i = channel; i < hidden.length; i += C) hidden[i] = Number.NaN;
      const rest = await this.rest(hidden, mode);
      if (rest >= least - (found < 0 ? 0 : tie)) continue;
      least = rest;
      found = channel;
    }
    return found;
  }

  /** Largest instant severity of the last of `frames`. */
  private async rest(frames: Float32Array, mode: number): Promise<number> {
    const { channels: C, scorer, verdicts } = this;
    const n = frames.length / C;
    const outputs: DetectorOutputs[] = [];
    for (const session of this.sessions) outputs.push(await session.sequence(frames, n));
    scorer.reset(0);
    verdicts.mode.fill(mode);
    for (let row = 0; row < n; row++) scorer.step(0, row, outputs, C, verdicts, frames);
    return verdicts.instant.subarray(Math.max(0, n - restFrames), n).reduce((most, one) => Math.max(most, one), 0);
  }
}

/** Gives `sole` its share, and the others the rest in proportion. */
function accuse(shares: Float32Array, sole: number): void {
  const own = shares[sole] as number;
  if (own >= soleShare) return;
  const factor = (1 - soleShare) / (1 - own);
  for (let c = 0; c < shares.length; c++) shares[c] = c === sole ? soleShare : factor * (shares[c] as number);
}
