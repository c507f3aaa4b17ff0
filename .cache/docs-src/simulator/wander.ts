/** A random process that forgets: what is never quite still in a plant. */
import type { Random } from '../model/random.js';

/** Ornstein-Uhlenbeck process of mean 0 and standard deviation 1: a wander whose memory fades with `tauS`, at any step length. */
export class Wander {
  private value: number;

  constructor(
    private readonly random: Random,
    private readonly tauS: number,
  ) {
    this.value = random.normal();
  }

  step(dtS: number): number {
    const keep = Math.exp(-dtS / this.tauS);
    this.value = keep * this.value + Math.sqrt(1 - keep * keep) * this.random.normal();
    return this.value;
  }
}
