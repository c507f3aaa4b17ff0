/** When a pump runs and when it rests: what its drive is asked for, as a share of the speed that the plant wants. */
import type { Random } from '../model/random.js';

/** A cycle of work, in seconds on average. */
export interface Duty {
  readonly runS: number;
  readonly restS: number;
}

/** A drive takes so long from rest to speed, and to coast down. */
const startS = 15;
const stopS = 8;
/** No two runs or rests are of one length: they differ by up to this share. */
const spread = 0.3;

/** Switches a pump on and off. It runs at first, somewhere in its run. */
export class Switch {
  private isOn = true;
  private leftS: number;
  private share = 1;

  constructor(
    private readonly random: Random,
    private readonly duty: Duty,
  ) {
    this.leftS = random.uniform(0.2, 1) * duty.runS;
  }

  /** Share of the wanted speed after `dtS` more seconds: 0 = off. */
  step(dtS: number): number {
    this.leftS -= dtS;
    if (this.leftS <= 0) {
      this.isOn = !this.isOn;
      this.leftS = this.random.uniform(1 - spread, 1 + spread) * (this.isOn ? this.duty.runS : this.duty.restS);
    }
    const step = this.isOn ? dtS / startS : -dtS / stopS;
    this.share = Math.min(1, Math.max(0, this.share + step));
    return this.share;
  }
}
