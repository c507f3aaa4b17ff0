/** When an alarm begins and when it is over, from severity and from the signature of what went wrong. */
import type { EpisodeRules, Manifest } from './manifest.js';
import { grownSlots } from './slots.js';

/** What the frame means for the baseline and for the verdict. */
export type Phase = 'normal' | 'settling' | 'alarm' | 'returned';

/** Weight of the newest square in a deviation's energy. */
const energyWeight = 0.1;

/**
 * One episode a slot. It begins with `need` of the last `of` frames at severity 1. It ends, after `holdFrames` in a row, where
 * - severity is below `clearAt`: the old normal is back; or
 * - the deviation has lost its signature, which the episode's first frames made: its projection onto their mean is below `returnAt`, and so is that of its energy
 *   onto their mean energy, as noise and swings have no mean. What went wrong has gone, whatever else has drifted or still has to cool down meanwhile. Then the
 *   present is taken as normal (`returned`), the baseline settles, and no alarm begins meanwhile.
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
  /** [slots * 3 * width] mean deviation of the first frames, mean energy of them, energy now. */
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
    const size = grownSlots(slots, before);
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
    this.signature = grow(new Float64Array(size * 3 * this.width), this.signature);
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
      const quiet = this.isQuiet(slot);
      this.hits[slot] = quiet ? 0 : ((this.hits[slot] as number) << 1) | (severity >= 1 ? 1 : 0);
      if (!quiet && this.countHits(slot) >= this.need) this.begin(slot);
      else return quiet ? 'settling' : 'normal';
    }
    const age = (this.age[slot] as number) + 1;
    this.age[slot] = age;
    this.clearRun[slot] = severity < rules.clearAt ? (this.clearRun[slot] as number) + 1 : 0;
    this.returnRun[slot] = this.isGone(slot, age, deviation) ? (this.returnRun[slot] as number) + 1 : 0;
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
    return (this.since[slot] as number) < this.rules.settleFrames;
  }

  private begin(slot: number): void {
    this.active[slot] = 1;
    this.age[slot] = 0;
    this.clearRun[slot] = 0;
    this.returnRun[slot] = 0;
    this.signature.fill(0, slot * 3 * this.width, (slot + 1) * 3 * this.width);
  }

  private countHits(slot: number): number {
    let count = 0;
    for (let i = 0, bits = this.hits[slot] as number; i < this.of; i++) count += (bits >>> i) & 1;
    return count;
  }

  /** Both projections <now, first> / <first, first>; the first frames make the signature, as their running means. */
  private isGone(slot: number, age: number, deviation: Float64Array): boolean {
    const { width, signature, rules } = this;
    const from = slot * 3 * width;
    const learn = (i: number, value: number): number => {
      const mean = signature[i] as number;
      return age > rules.signatureFrames ? mean : mean + (value - mean) / age;
    };
    let [product, length, energyProduct, energyLength] = [0, 0, 0, 0];
    for (let i = from; i < from + width; i++) {
      const value = deviation[i - from] as number;
      const before = signature[i + 2 * width] as number;
      const energy = before + energyWeight * (value * value - before);
      const mean = learn(i, value);
      const meanEnergy = learn(i + width, energy);
      signature[i] = mean;
      signature[i + width] = meanEnergy;
      signature[i + 2 * width] = energy;
      product += value * mean;
      length += mean * mean;
      energyProduct += energy * meanEnergy;
      energyLength += meanEnergy * meanEnergy;
    }
    return product < rules.returnAt * length && energyProduct < rules.returnAt * energyLength;
  }
}

/** Frames since a return that never was. */
const never = 0xffffffff;
