/** Sensor health before any model: what a signal fails is named, and masked so that no machine is blamed for a broken wire. */
import { type HealthState, healthStates } from './frames.js';
import type { Channel } from './manifest.js';
import { grownSlots } from './slots.js';

/** A jump of one signal alone is suspect this many frames; then the new level is real. */
export const maxSuspectFrames = 3;
/** A frame that passes pays back this part of a suspect one: a signal that jumps more often than every tenth frame has become so. */
const payback = 0.1;
/** Further from the normal value than this many normal spreads a signal that stands still may tell of a machine that does: it is named, not masked. */
const abnormalSpreads = 8;

/** Whether a value that is known and stands still is left out of scoring, as a broken sensor's; else it may be the machine that stands still. */
export function isMaskedWhenFlat(value: number, { center, scale }: Pick<Channel, 'center' | 'scale'>): boolean {
  return Math.abs(value - center) <= abnormalSpreads * scale;
}

const code = Object.fromEntries(healthStates.map((state, i) => [state, i])) as Readonly<Record<HealthState, number>>;

/**
 * QARTOD-like tests of each signal of a frame, the first that fails counts, and masks the value:
 * - `missing`: NaN
 * - `out-of-range`: outside `min`..`max`
 * - `spike`: moved by more than `maxStep` since the frame before, and no other signal did: machines jump in company, wires alone
 * - `flat-line`: within `flatRange` for `flatFrames` while a neighbour moved; not masked at a value far from normal, as a blocked pipe has no flow either
 */
export class Health {
  private readonly size: number;
  // [slots * C]
  /** Last value that passed; NaN after a hole. */
  private level = new Float32Array(0);
  /** Suspect frames of late, less what was paid back. */
  private suspect = new Float32Array(0);
  private flatFrom = new Float32Array(0);
  private flatRun = new Int32Array(0);

  constructor(private readonly channels: readonly Channel[]) {
    this.size = channels.length;
  }

  /** Makes room for `slots` slots. */
  ensure(slots: number): void {
    const before = this.level.length;
    if (slots * this.size <= before) return;
    const size = grownSlots(slots * this.size, before);
    const level = new Float32Array(size).fill(Number.NaN);
    level.set(this.level);
    const suspect = new Float32Array(size);
    suspect.set(this.suspect);
    const flatFrom = new Float32Array(size).fill(Number.NaN);
    flatFrom.set(this.flatFrom);
    const flatRun = new Int32Array(size);
    flatRun.set(this.flatRun);
    Object.assign(this, { level, suspect, flatFrom, flatRun });
  }

  reset(slot: number): void {
    const from = slot * this.size;
    const to = from + this.size;
    this.level.fill(Number.NaN, from, to);
    this.suspect.fill(0, from, to);
    this.flatFrom.fill(Number.NaN, from, to);
    this.flatRun.fill(0, from, to);
  }

  /**
   * Judges frame `row` of `values` [n*C]: writes it to the same row of `masked` with NaN for what fails, and its verdicts to that of `states` as indexes into `healthStates`.
   * Returns how many signals are left.
   */
  check(slot: number, row: number, values: Float32Array, masked: Float32Array, states: Uint8Array): number {
    const { size, channels } = this;
    const memory = slot * size;
    const frame = row * size;
    let jumps = 0;
    for (let c = 0; c < size; c++) {
      const value = values[frame + c] as number;
      const { health } = channels[c] as Channel;
      let state = code.pass;
      if (Number.isNaN(value)) state = code.missing;
      else if (value < health.min || value > health.max) state = code['out-of-range'];
      else {
        this.trackFlat(memory + c, value, health.flatRange);
        // False where there is no level to jump from.
        if (Math.abs(value - (this.level[memory + c] as number)) > health.maxStep) {
          state = code.spike;
          jumps++;
        }
      }
      states[frame + c] = state;
    }

    let known = 0;
    for (let c = 0; c < size; c++) {
      const i = memory + c;
      const value = values[frame + c] as number;
      let state = states[frame + c] as number;
      if (state === code.spike) {
        const frames = Math.min(maxSuspectFrames + 1, (this.suspect[i] as number) + 1);
        this.suspect[i] = frames;
        if (jumps > 1 || frames > maxSuspectFrames) state = code.pass;
      } else {
        this.suspect[i] = Math.max(0, (this.suspect[i] as number) - payback);
      }
      let mask = state !== code.pass;
      if (state === code.pass) {
        this.level[i] = value;
        if (this.isFlat(memory, frame, c, states)) {
          state = code['flat-line'];
          mask = isMaskedWhenFlat(value, channels[c] as Channel);
        }
      } else if (state !== code.spike) {
        this.level[i] = Number.NaN;
      }
      states[frame + c] = state;
      masked[frame + c] = mask ? Number.NaN : value;
      if (!mask) known++;
    }
    return known;
  }

  private trackFlat(i: number, value: number, flatRange: number): void {
    if (Math.abs(value - (this.flatFrom[i] as number)) <= flatRange) {
      this.flatRun[i] = (this.flatRun[i] as number) + 1;
    } else {
      this.flatFrom[i] = value;
      this.flatRun[i] = 0;
    }
  }

  /** A neighbour moves if it left its own flat range within the frames in which this signal should have. */
  private isFlat(memory: number, frame: number, c: number, states: Uint8Array): boolean {
    const { flatFrames } = (this.channels[c] as Channel).health;
    if (flatFrames === 0 || (this.flatRun[memory + c] as number) < flatFrames) return false;
    for (let other = 0; other < this.size; other++) {
      const state = states[frame + other];
      if (other === c || state === code.missing || state === code['out-of-range']) continue;
      if ((this.flatRun[memory + other] as number) < flatFrames) return true;
    }
    return false;
  }
}
