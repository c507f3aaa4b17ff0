/** A centrifugal pump in a closed, pressurised loop: five signals from one physical state. */

import type { Random } from '../model/random.js';
import type { Effects } from './machine-faults.js';
import type { Demand } from './profile.js';
import type { PumpUnit } from './pump-unit.js';
import type { SignalValues } from './signals.js';
import { Wander } from './wander.js';

/** Bar a metre of water. */
const barPerMetre = 0.0981;
const bestValve = 0.8;
/** Share of rated speed from which a motor draws its idle current. */
const magnetisedSpeed = 0.1;

export interface Hydraulics {
  /** Through the impeller, m3/h. */
  readonly pumped: number;
  /** Through the flow meter downstream, m3/h: less than pumped where the casing or pipe leaks. */
  readonly delivered: number;
  /** From suction to discharge flange, m. */
  readonly head: number;
  /** At the discharge flange, bar gauge. */
  readonly pressure: number;
  /** At the shaft, without bearing friction, kW. */
  readonly power: number;
  /** Relative distance from the flow of best efficiency at this speed, signed. */
  readonly offPoint: number;
}

/**
 * Where pump curve and loop meet, in closed form.
 *
 * Pump h (n^2 H0 - a Q^2), h = 1 - the share of head lost to vapour; loop k Q^2 with k falling with the square of the valve
 * opening; a strainer before the pump takes s Q^2; a leak is a second path c beside the loop, so that sqrt(1/k) becomes sqrt(1/k) + c.
 * There is no static head in a closed loop, so the affinity laws hold exactly: Q ~ n, H ~ n^2, P ~ n^3.
 */
export function hydraulics(
  unit: PumpUnit,
  speed: number,
  valve: number,
  effects: Pick<Effects, 'strainer' | 'leak'>,
  headKept = 1,
): Hydraulics {
  const conductance = valve / bestValve / Math.sqrt(unit.resistance);
  const leak = effects.leak / Math.sqrt(unit.resistance);
  const loop = 1 / (conductance + leak) ** 2;
  const strainer = effects.strainer * unit.resistance;
  const pumped = speed * Math.sqrt((headKept * unit.shutoffHead) / (headKept * unit.curveFall + loop + strainer));
  const relativeFlow = pumped / (Math.max(speed, 1e-6) * unit.bestFlow);
  return {
    pumped,
    delivered: (pumped * conductance) / (conductance + leak),
    head: headKept * (speed ** 2 * unit.shutoffHead - unit.curveFall * pumped ** 2),
    pressure: unit.suctionPressure + barPerMetre * loop * pumped ** 2,
    // A radial impeller takes more power the more it pumps; vapour weighs nothing, so lost head is lost power too.
    power: unit.ratedPower * speed ** 3 * (0.45 + 0.55 * relativeFlow) * headKept,
    offPoint: relativeFlow - 1,
  };
}

/** Temperature that the bearing housing tends to, degC. */
export function restingTemperature(unit: PumpUnit, ambientC: number, frictionKw: number, powerKw: number): number {
  return ambientC + unit.frictionHeating * frictionKw + unit.loadHeating * powerKw;
}

/** One pump through time. Owns its thermal state and its turbulence. */
export class Pump {
  private temperature: number | undefined;
  private readonly demandWander: Wander;
  private readonly vapour: Wander;

  constructor(
    private readonly unit: PumpUnit,
    random: Random,
  ) {
    this.demandWander = new Wander(random, 25);
    this.vapour = new Wander(random, 2);
  }

  /** True values after `dtS` more seconds; the first call starts at thermal rest. */
  step(dtS: number, demand: Demand, effects: Effects): SignalValues {
    const { unit } = this;
    const { speed } = demand;
    // Consumers open and close: the loop's resistance is never quite still.
    const valve = demand.valve * (1 + 0.012 * this.demandWander.step(dtS));
    // NPSH needed grows with flow, so a pump cavitates worst when it runs fast.
    const vapour = effects.cavitation * (0.6 + 0.4 * speed ** 2);
    const headKept = Math.max(0.3, 1 - vapour * (0.14 + 0.05 * this.vapour.step(dtS)));
    const water = hydraulics(unit, speed, valve, effects, headKept);
    const friction = unit.friction * speed * effects.friction;

    const resting = restingTemperature(unit, demand.ambientC, friction, water.power);
    this.temperature ??= resting;
    // Exact solution of tau dT/dt = -(T - resting) over the step.
    this.temperature = resting + (this.temperature - resting) * Math.exp(-dtS / unit.thermalTauS);

    return {
      temperature: this.temperature,
      pressure: water.pressure,
      flow: water.delivered,
      // A motor at rest draws nothing; it magnetises within the first turns.
      current: unit.idleAmps * Math.min(1, speed / magnetisedSpeed) + unit.ampsPerKw * (water.power + friction),
      // Independent sources add as powers, so RMS values add as squares.
      vibration: Math.hypot(
        unit.baseVibration * speed,
        unit.imbalanceVibration * effects.imbalance * speed ** 2,
        unit.offPointVibration * water.offPoint * speed,
        effects.bearingVibration * speed,
        3.2 * vapour,
        effects.turbulence * speed,
      ),
    };
  }
}
