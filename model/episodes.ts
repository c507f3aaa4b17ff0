/** When an alarm begins and when it is over, from severity and from the signature of what went wrong. */
import type { EpisodeRules, Manifest } from './manifest.js';

/** What the frame means for the baseline and for the verdict. */
export type Phase = 'normal' | 'settling' | 'alarm' | 'returned';

/**
 * One episode a slot. It begins with `need` of the last `of` frames at severity 1. It ends, after `holdFrames` in a row, where
 * - severity is below `clearAt`: the old normal is back; or
 * - the deviation has lost its signature: its projection onto the mean deviation of the episode's first frames is below `returnAt`, so what went wrong has gone,
 *   whatever else has drifted or still has to cool down meanwhile. Then the present is taken as normal (`returned`), the baseline settles, and no alarm begins for a while.
 */
export class Episodes {
  private readonly of: number;
  private readonly need: number;
  // [slots]
  private active = new Uint8Array(0);
  private age = new Uint32Array(0);
  private clearRun = new Uint32Array(0);
  private returnRun = new Uint32Array(0);
  /** Frames since a return, saturated. */
  private since = new Uint32Array(0);
  /** Last frames at severity 1, newest in bit 0. */
  private hits = new Uint32Array(0);
  /** [slots * width] */
  private signature = new Float64Array(0);

  /** @param width length of a deviation */
  constructor(
    private readonly rules: EpisodeRules,
    { of, need }: Manifest['persistence'],
    private readonly width: number,
  ) {
    this.of = of;
    this.need = need;
  }

  /** Makes room for `slots` slots. */
  ensure(slots: number): void {
    const before = this.active.length;
    if (slots <= before) return;
    const size = Math.max(slots, 2 * before);
    const grow = <T extends Uint8Array | Uint32Array | Float64Array>(fresh: T, old: T): T => {
      fresh.set(old);
      return fresh;
    };
    this.active = grow(new Uint8Array(size), this.active);
    this.age = grow(new Uint32Array(size), this.age);
    this.clearRun = grow(new Uint32Array(size), this.clearRun);
    this.returnRun = grow(new Uint32Array(size), this.returnRun);
    this.since = grow(new Uint32Array(size).fill(never, before), this.since);
    this.hits = grow(new Uint32Array(size), this.hits);
    this.signature = grow(new Float64Array(size * this.width), this.signature);
  }

  reset(slot: number): void {
    this.active[slot] = 0;
    this.hits[slot] = 0;
    this.since[slot] = never;
  }

  /** The next frame of `slot`. @param deviation [width] */
  step(slot: number, severity: number, deviation: Float64Array): Phase {
    const { rules } = this;
    const since = this.since[slot] as number;
    if (since < never) this.since[slot] = since + 1;
    if (this.active[slot] === 0) {
      const quiet = since < rules.quietFrames;
      this.hits[slot] = quiet ? 0 : ((this.hits[slot] as number) << 1) | (severity >= 1 ? 1 : 0);
      if (!quiet && this.countHits(slot) >= this.need) this.begin(slot);
      else return since < rules.settleFrames ? 'settling' : 'normal';
    }
    const age = (this.age[slot] as number) + 1;
    this.age[slot] = age;
    this.clearRun[slot] = severity < rules.clearAt ? (this.clearRun[slot] as number) + 1 : 0;
    const isGone = this.project(slot, age, deviation) < rules.returnAt && age > rules.settleAfter;
    this.returnRun[slot] = isGone ? (this.returnRun[slot] as number) + 1 : 0;
    if ((this.clearRun[slot] as number) >= rules.holdFrames) {
      this.active[slot] = 0;
      this.hits[slot] = 0;
      return 'normal';
    }
    if ((this.returnRun[slot] as number) >= rules.holdFrames) {
      this.active[slot] = 0;
      this.hits[slot] = 0;
      this.since[slot] = 0;
      return 'returned';
    }
    return 'alarm';
  }

  /** No alarm begins: the baseline has yet to settle. */
  isQuiet(slot: number): boolean {
    return (this.since[slot] as number) < this.rules.quietFrames;
  }

  private begin(slot: number): void {
    this.active[slot] = 1;
    this.age[slot] = 0;
    this.clearRun[slot] = 0;
    this.returnRun[slot] = 0;
    this.signature.fill(0, slot * this.width, (slot + 1) * this.width);
  }

  private countHits(slot: number): number {
    let count = 0;
    for (let i = 0, bits = this.hits[slot] as number; i < this.of; i++) count += (bits >>> i) & 1;
    return count;
  }

  /** <deviation, signature> / <signature, signature>; the first frames make the signature, as their running mean. */
  private project(slot: number, age: number, deviation: Float64Array): number {
    const from = slot * this.width;
    let product = 0;
    let length = 0;
    for (let i = 0; i < this.width; i++) {
      const value = deviation[i] as number;
      let own = this.signature[from + i] as number;
      if (age <= this.rules.signatureFrames) {
        own += (value - own) / age;
        this.signature[from + i] = own;
      }
      product += value * own;
      length += own * own;
    }
    return length > 0 ? product / length : 0;
  }
}

/** Frames since a return that never was. */
const never = 0xffffffff;
