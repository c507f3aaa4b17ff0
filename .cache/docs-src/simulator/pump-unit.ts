/** The constants of one pump, and how pumps off one production line differ. */
import type { Random } from '../model/random.js';

/** The constants of one pump. Heads in metres of water, flows in m3/h, powers in kW. */
export interface PumpUnit {
  /** Head at closed valve and rated speed. */
  readonly shutoffHead: number;
  /** Fall of the head curve: H = n^2 shutoffHead - curveFall Q^2. */
  readonly curveFall: number;
  /** Flow of best efficiency at rated speed. */
  readonly bestFlow: number;
  /** Resistance of the loop at the valve opening of best efficiency: H = resistance Q^2. */
  readonly resistance: number;
  /** Shaft power at best efficiency and rated speed. */
  readonly ratedPower: number;
  /** Static pressure of the loop at the suction flange, bar gauge. */
  readonly suctionPressure: number;
  /** Bearing friction at rated speed. */
  readonly friction: number;
  /** Line amperes a kW of shaft power: 1 / (sqrt3 U cos phi eta). */
  readonly ampsPerKw: number;
  readonly idleAmps: number;
  /** Heating of the bearing housing by its own friction, K/kW. */
  readonly frictionHeating: number;
  /** Heating of the bearing housing by losses of pump and motor, K a kW of shaft power. */
  readonly loadHeating: number;
  /** Time constant of the bearing housing. */
  readonly thermalTauS: number;
  /** Velocity RMS at rated speed, mm/s: of roughness and turbulence, */
  readonly baseVibration: number;
  /** of residual imbalance, */
  readonly imbalanceVibration: number;
  /** and of running off the point of best efficiency, mm/s a unit of relative distance. */
  readonly offPointVibration: number;
}

const nominal: PumpUnit = {
  shutoffHead: 60,
  curveFall: 0.0012,
  bestFlow: 100,
  resistance: 0.0048,
  ratedPower: 17.4,
  suctionPressure: 2,
  friction: 0.35,
  ampsPerKw: 1.8,
  idleAmps: 1.5,
  frictionHeating: 40,
  loadHeating: 0.92,
  thermalTauS: 240,
  baseVibration: 0.8,
  imbalanceVibration: 0.9,
  offPointVibration: 3.5,
};

/** Spread from unit to unit, as a share of the constant: castings and impellers agree within a percent, vibration does not. */
const unitSpread: Readonly<Record<keyof PumpUnit, number>> = {
  shutoffHead: 0.006,
  curveFall: 0.02,
  bestFlow: 0.01,
  resistance: 0.02,
  ratedPower: 0.008,
  suctionPressure: 0.01,
  friction: 0.03,
  ampsPerKw: 0.005,
  idleAmps: 0.03,
  frictionHeating: 0.02,
  loadHeating: 0.02,
  thermalTauS: 0.05,
  baseVibration: 0.05,
  imbalanceVibration: 0.05,
  offPointVibration: 0.05,
};

/** A pump off the production line: nominal constants with mild variation. */
export function makeUnit(random: Random): PumpUnit {
  const vary = (key: keyof PumpUnit): number => {
    const z = Math.max(-2, Math.min(2, random.normal()));
    return nominal[key] * (1 + unitSpread[key] * z);
  };
  return {
    shutoffHead: vary('shutoffHead'),
    curveFall: vary('curveFall'),
    bestFlow: vary('bestFlow'),
    resistance: vary('resistance'),
    ratedPower: vary('ratedPower'),
    suctionPressure: vary('suctionPressure'),
    friction: vary('friction'),
    ampsPerKw: vary('ampsPerKw'),
    idleAmps: vary('idleAmps'),
    frictionHeating: vary('frictionHeating'),
    loadHeating: vary('loadHeating'),
    thermalTauS: vary('thermalTauS'),
    baseVibration: vary('baseVibration'),
    imbalanceVibration: vary('imbalanceVibration'),
    offPointVibration: vary('offPointVibration'),
  };
}
