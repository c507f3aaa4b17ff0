/** Vibration waveforms: bursts of bearing-housing acceleration with shaft orders and bearing impacts, from a seed. */
import { type BearingGeometry, bearing6205, type DefectOrders, defectOrders } from '../model/bearing.js';
import { Random } from '../model/random.js';

export const bearingDefects = ['outer-race', 'inner-race', 'ball'] as const;
export type BearingDefect = (typeof bearingDefects)[number];

export interface WaveformOptions {
  readonly seed: number | string;
  /** 12800 or 25600 as a rule. */
  readonly rateHz: number;
  /** A power of two as a rule: spectra of other lengths are slow and inexact. */
  readonly samples: number;
  /** Shaft speed in the middle of the burst. */
  readonly shaftHz: number;
  /** Speed ripple: amplitude of a slow swing, as a share of the speed; default 0.5 %. */
  readonly ripple?: number;
  /** Amplitude of once a turn at 25 Hz, m/s2; grows with the square of speed. Default 1. */
  readonly imbalance?: number;
  /** Amplitude of twice a turn, m/s2. Default 0.4. */
  readonly misalignment?: number;
  readonly bearing?: BearingGeometry;
  readonly defect?: BearingDefect;
  /** Peak of one impact at severity 1 is 12 m/s2; default 0. */
  readonly severity?: number;
  /** Resonance of the housing that impacts ring, Hz; default 4000. */
  readonly resonanceHz?: number;
  /** RMS of broadband noise, m/s2; default 1. */
  readonly noise?: number;
}

const referenceHz = 25;
const damping = 0.05;
const impactPeak = 12;
/** Rolling elements slip: spread of the angle between impacts, as a share of it. */
const slip = 0.01;

/**
 * Acceleration in m/s2, `samples` long.
 *
 * Shaft: theta = 2 pi integral of speed; orders 1 and 2. Bearing: an impact each 2 pi / order of angle with some slip (twice a spin for a
 * ball), each ringing the housing, a single degree of freedom: exp(-2 pi f z t) sin(2 pi f sqrt(1 - z^2) t). A spot on the inner race goes
 * in and out of the load zone once a turn, a ball once a turn of the cage; the outer race stands still.
 * After D'Elia and Cocconcelli's local-fault model (angular impact trains).
 */
export function waveform(options: WaveformOptions): Float32Array {
  const { seed, rateHz, samples, shaftHz, severity = 0, ripple = 0.005 } = options;
  const random = new Random(seed, 'waveform');
  const turns = shaftTurns(random, shaftHz, ripple, rateHz, samples);
  const signal = new Float32Array(samples);

  const once = (options.imbalance ?? 1) * (shaftHz / referenceHz) ** 2;
  const twice = options.misalignment ?? 0.4;
  const [phase1, phase2] = [random.uniform(0, 2 * Math.PI), random.uniform(0, 2 * Math.PI)];
  const noise = options.noise ?? 1;
  for (let i = 0; i < samples; i++) {
    const theta = 2 * Math.PI * (turns[i] ?? 0);
    signal[i] = once * Math.cos(theta + phase1) + twice * Math.cos(2 * theta + phase2) + random.normal(0, noise);
  }

  if (options.defect !== undefined && severity > 0) {
    const orders = defectOrders(options.bearing ?? bearing6205);
    addImpacts(
      signal,
      turns,
      rateHz,
      options.resonanceHz ?? 4000,
      impactPeak * severity,
      options.defect,
      orders,
      random,
    );
  }
  return signal;
}

/** Turns of the shaft at each sample: the integral of a speed that swings slowly about its middle. */
function shaftTurns(random: Random, shaftHz: number, ripple: number, rateHz: number, samples: number): Float64Array {
  const turns = new Float64Array(samples);
  const swing = random.uniform(0, 2 * Math.PI);
  let turn = random.uniform();
  for (let i = 0; i < samples; i++) {
    turns[i] = turn;
    turn += (shaftHz * (1 + ripple * Math.sin((2 * Math.PI * 1.3 * i) / rateHz + swing))) / rateHz;
  }
  return turns;
}

/** Impacts a turn, and how a defect's load comes and goes: order and depth of modulation. */
function impactsOf(defect: BearingDefect, orders: DefectOrders): { rate: number; order: number; depth: number } {
  if (defect === 'outer-race') return { rate: orders.outerRace, order: 0, depth: 0 };
  if (defect === 'inner-race') return { rate: orders.innerRace, order: 1, depth: 0.5 };
  return { rate: 2 * orders.ballSpin, order: orders.cage, depth: 0.5 };
}

function addImpacts(
  signal: Float32Array,
  turns: Float64Array,
  rateHz: number,
  resonanceHz: number,
  peak: number,
  defect: BearingDefect,
  orders: DefectOrders,
  random: Random,
): void {
  const { rate, order, depth } = impactsOf(defect, orders);
  const decay = 2 * Math.PI * resonanceHz * damping;
  const ring = 2 * Math.PI * resonanceHz * Math.sqrt(1 - damping ** 2);
  // After five time constants nothing is left to hear.
  const length = Math.ceil((5 / decay) * rateHz);
  // The first impact may have struck before the burst began.
  let next = (turns[0] ?? 0) - random.uniform() / rate;
  for (let i = 0; i < turns.length; i++) {
    const turn = turns[i] ?? 0;
    for (; next <= turn; next += random.normal(1, slip) / rate) {
      const before = turns[i - 1] ?? turn;
      const late = turn > before ? (turn - next) / (turn - before) / rateHz : 0;
      const size = peak * random.normal(1, 0.05) * (1 + depth * Math.cos(2 * Math.PI * order * next));
      for (let k = 0; k < length && i + k < signal.length; k++) {
        const t = k / rateHz + late;
        signal[i + k] = (signal[i + k] ?? 0) + size * Math.exp(-decay * t) * Math.sin(ring * t);
      }
    }
  }
}
