/** What the plant asks of a pump: speed and valve set-points through the day, with ramps and lag. */
import { type Random, Wander } from './random.js';

/** Where a pump is asked to run. */
export interface Demand {
  /** Share of rated speed. */
  readonly speed: number;
  /** Valve opening, 0-1. */
  readonly valve: number;
  /** Ambient temperature, degC. */
  readonly ambientC: number;
}

/** The ranges of normal operation; every regime is visited within minutes, so that normal can be learned from a short recording. */
export const operatingRange = { speed: [0.65, 1], valve: [0.5, 1] } as const;

const dayMs = 86_400_000;
const dwellS = [30, 120] as const;

/** A drive or actuator: holds a set-point, then ramps to a random next one; the machine follows with first-order lag. */
class Actuator {
  private target: number;
  private ramped: number;
  private value: number;
  private dwellS: number;

  constructor(
    private readonly random: Random,
    private readonly range: readonly [number, number],
    private readonly ratePerS: number,
    private readonly lagS: number,
    shift: number,
  ) {
    this.target = this.draw(shift);
    this.ramped = this.target;
    this.value = this.target;
    this.dwellS = random.uniform(0, dwellS[1]);
  }

  private draw(shift: number): number {
    // By day the high end of the range is likelier, by night the low end; both are always possible.
    const u = this.random.uniform() ** (shift > 0 ? 0.7 : 1.4);
    return this.range[0] + (this.range[1] - this.range[0]) * u;
  }

  step(dtS: number, shift: number): number {
    if (this.ramped === this.target) {
      this.dwellS -= dtS;
      if (this.dwellS <= 0) {
        this.target = this.draw(shift);
        this.dwellS = this.random.uniform(dwellS[0], dwellS[1]);
      }
    }
    const step = this.ratePerS * dtS;
    this.ramped += Math.max(-step, Math.min(step, this.target - this.ramped));
    this.value += (this.ramped - this.value) * (1 - Math.exp(-dtS / this.lagS));
    return this.value;
  }
}

/** Speed and valve set-points with random changes, a two-shift pattern (06-22 h UTC) and a daily ambient temperature. */
export class Profile {
  private readonly speed: Actuator;
  private readonly valve: Actuator;
  private readonly weather: Wander;

  constructor(random: Random, startMs: number) {
    // A drive ramps over its whole range in about a minute, a motor valve in three quarters of one.
    this.speed = new Actuator(random, operatingRange.speed, 0.006, 6, shiftAt(startMs));
    this.valve = new Actuator(random, operatingRange.valve, 0.012, 4, shiftAt(startMs));
    this.weather = new Wander(random, 900);
  }

  /** Advances by `dtS` to `timeMs`. */
  step(dtS: number, timeMs: number): Demand {
    const shift = shiftAt(timeMs);
    const hour = ((timeMs % dayMs) / dayMs) * 24;
    return {
      speed: this.speed.step(dtS, shift),
      valve: this.valve.step(dtS, shift),
      ambientC: 22 + 2.5 * Math.sin((2 * Math.PI * (hour - 9)) / 24) + 0.3 * this.weather.step(dtS),
    };
  }
}

function shiftAt(timeMs: number): 0 | 1 {
  const hour = ((timeMs % dayMs) / dayMs) * 24;
  return hour >= 6 && hour < 22 ? 1 : 0;
}
