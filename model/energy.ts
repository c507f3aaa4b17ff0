/** How much a detector's residuals move of late: exponentially weighted energy, of the residuals and of what is left of them beside their own slow level. */

/** Weight of the newest frame in the energies. */
const energyWeight = 0.1;
/** Weight of the newest frame in the slow level. */
const levelWeight = 0.01;
/** A residual beyond it, in spreads, counts as it: one signal must not drown all others. */
const limit = 10;

/** Energies of one detector, by slot. */
export class Energy {
  /** [slots * C] slow level. */
  private level = new Float64Array(0);
  /** [slots * 2 * C] energy of each signal: of the residual, then beside the level. */
  private energy = new Float64Array(0);

  constructor(private readonly channels: number) {}

  /** Makes room for `slots` slots. */
  ensure(slots: number): void {
    const C = this.channels;
    if (slots * C <= this.level.length) return;
    const size = Math.max(slots, 2 * (this.level.length / C)) * C;
    const level = new Float64Array(size);
    level.set(this.level);
    const energy = new Float64Array(2 * size);
    energy.set(this.energy);
    this.level = level;
    this.energy = energy;
  }

  reset(slot: number): void {
    const C = this.channels;
    this.level.fill(0, slot * C, (slot + 1) * C);
    this.energy.fill(0, 2 * slot * C, 2 * (slot + 1) * C);
  }

  /**
   * Takes in the residuals [C] from `at`; writes the two energies to `into`.
   * @param out [C] 1 = the signal is out: it has no energy, and its level stands
   */
  step(slot: number, residual: Float32Array, at: number, into: Float64Array, out?: Uint8Array): void {
    const C = this.channels;
    into[0] = 0;
    into[1] = 0;
    for (let c = 0; c < C; c++) {
      const i = slot * C + c;
      if (out?.[c] === 1) {
        this.energy[2 * slot * C + c] = this.energy[(2 * slot + 1) * C + c] = 0;
        continue;
      }
      const x = clip(residual[at + c] as number);
      const rest = clip(x - (this.level[i] as number));
      this.level[i] = (this.level[i] as number) + levelWeight * (x - (this.level[i] as number));
      for (const [view, value] of [x, rest].entries()) {
        const k = (2 * slot + view) * C + c;
        const energy = (this.energy[k] as number) + energyWeight * (value * value - (this.energy[k] as number));
        this.energy[k] = energy;
        into[view] = (into[view] as number) + energy;
      }
    }
  }

  /** Energy of signal `c`, both views. */
  share(slot: number, c: number): number {
    const i = 2 * slot * this.channels + c;
    return (this.energy[i] as number) + (this.energy[i + this.channels] as number);
  }
}

function clip(value: number): number {
  return Math.max(-limit, Math.min(limit, value));
}

/** Below a hundredth of its normal mean an energy says no more. */
const leastRatio = 0.01;

/** What an energy adds to the fused score, against its mean in normal operation. */
export function logRatio(energy: number, mean: number): number {
  return Math.log(leastRatio + energy / mean);
}
