/** The signals of a pump and the transmitters that measure them. */

export const signalNames = ['temperature', 'pressure', 'flow', 'current', 'vibration'] as const;
export type SignalName = (typeof signalNames)[number];

/** One value a signal, in the units of `signals`. */
export type SignalValues = Record<SignalName, number>;

export interface SignalSpec {
  readonly unit: string;
  readonly description: string;
  /** Standard deviation of the transmitter's noise, in the unit. */
  readonly noise: number;
  /** Noise that grows with the value, as a share of it: an RMS over a short burst is itself an estimate. */
  readonly relativeNoise: number;
  /** Spread of calibration from unit to unit: offset in the unit. */
  readonly offsetSpread: number;
  /** Spread of calibration from unit to unit: share of the value. */
  readonly gainSpread: number;
  /** Smallest step of the transmitter's output. */
  readonly resolution: number;
  /** Measuring range; the output saturates at its ends. */
  readonly range: readonly [number, number];
  /** What a sensor fault of severity 1 adds to the value: beyond calibration tolerance, within what passes as plausible. */
  readonly faultScale: number;
}

export const signals: Readonly<Record<SignalName, SignalSpec>> = {
  temperature: {
    unit: 'degC',
    description: 'bearing housing, Pt100',
    noise: 0.06,
    relativeNoise: 0,
    offsetSpread: 0.3,
    gainSpread: 0,
    resolution: 0.05,
    range: [-20, 150],
    faultScale: 12,
  },
  pressure: {
    unit: 'bar',
    description: 'discharge, gauge',
    noise: 0.012,
    relativeNoise: 0,
    offsetSpread: 0.02,
    gainSpread: 0.002,
    resolution: 0.005,
    range: [0, 16],
    faultScale: 1.2,
  },
  flow: {
    unit: 'm3/h',
    description: 'delivered, magnetic-inductive meter downstream',
    noise: 0.35,
    relativeNoise: 0.002,
    offsetSpread: 0,
    gainSpread: 0.004,
    resolution: 0.1,
    range: [0, 200],
    faultScale: 18,
  },
  current: {
    unit: 'A',
    description: 'line side of the drive',
    noise: 0.12,
    relativeNoise: 0.003,
    offsetSpread: 0,
    gainSpread: 0.005,
    resolution: 0.05,
    range: [0, 80],
    faultScale: 7,
  },
  vibration: {
    unit: 'mm/s',
    description: 'bearing housing, velocity RMS 10-1000 Hz',
    noise: 0.015,
    relativeNoise: 0.025,
    offsetSpread: 0,
    gainSpread: 0.02,
    resolution: 0.01,
    range: [0, 25],
    faultScale: 2.5,
  },
};

/** The transmitter's output for a true value that noise and faults have already been added to: clipped to the range, then rounded to the resolution. */
export function transmit(name: SignalName, value: number): number {
  const { range, resolution } = signals[name];
  const clipped = Math.min(range[1], Math.max(range[0], value));
  // Rounding by the reciprocal keeps 61.2 from becoming 61.200000000000003 in the message.
  const steps = Math.round(1 / resolution);
  return Math.round(clipped * steps) / steps;
}
