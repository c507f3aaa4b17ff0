/** Which signals of one asset are faulty for long enough to say so: leaky counts over the verdicts of `model/health`. */
import { healthStates } from '../../model/frames.js';
import { leastFrames } from './settings.js';

/** Share of recent frames that must be faulty: an odd spike is nothing, a sensor that fails three frames in ten is broken. */
const share = 0.3;
/** Chosen so that `leastFrames` faulty frames in a row reach `share`. */
const weight = 1 - (1 - share) ** (1 / leastFrames);
/** A long fault must not take as long to be forgiven. */
const ceiling = 0.5;
const forgotten = 0.01;
/** A loose contact shows as spikes among good values: this many within about half of `spikeFrames` make a fault. */
const spikes = 3;
const spikeFrames = 200;
/** A spike counts more than its part, as the first ones fade while the last is awaited. */
const spikeWeight = (1.25 * share) / spikes;

const pass = healthStates.indexOf('pass');
const missing = healthStates.indexOf('missing');
const spike = healthStates.indexOf('spike');

export type Fault = Exclude<(typeof healthStates)[number], 'pass'>;

export interface FaultySignal {
  readonly channel: number;
  readonly fault: Fault;
  readonly sinceMs: number;
}

export class SensorLevels {
  /** No signal has a trace of a fault. */
  calm = true;
  /** Frames of any fault. */
  readonly #level: Float64Array;
  /** Spikes, which are remembered for longer. */
  readonly #spiking: Float64Array;
  readonly #inSpike: Uint8Array;
  readonly #sinceMs: Float64Array;
  readonly #fault: Uint8Array;

  constructor(private readonly channels: number) {
    this.#level = new Float64Array(channels);
    this.#spiking = new Float64Array(channels);
    this.#inSpike = new Uint8Array(channels);
    this.#sinceMs = new Float64Array(channels);
    this.#fault = new Uint8Array(channels).fill(pass);
  }

  /**
   * Takes the verdicts of one frame; `at` is where they begin in `health`.
   * A frame without any reading says nothing about sensors, only about the way to them, and is left out.
   */
  update(health: Uint8Array, at: number, timeMs: number): void {
    let allMissing = true;
    for (let c = 0; c < this.channels; c++) if (health[at + c] !== missing) allMissing = false;
    if (allMissing) return;
    this.calm = true;
    for (let c = 0; c < this.channels; c++) {
      const verdict = health[at + c] ?? pass;
      const isSpike = verdict === spike;
      const wasFaulty = this.#worst(c) > 0;
      // A new level is called a spike for some frames, until it is believed: that is one spike, not several.
      const more = isSpike && this.#inSpike[c] === 0 ? spikeWeight : 0;
      this.#inSpike[c] = isSpike ? 1 : 0;
      this.#spiking[c] = remembered(Math.min(ceiling, (this.#spiking[c] ?? 0) * (1 - 1 / spikeFrames) + more));
      const old = this.#level[c] ?? 0;
      this.#level[c] = verdict === pass ? remembered(old * (1 - weight)) : Math.min(ceiling, old + weight * (1 - old));
      if (verdict !== pass) {
        if (!wasFaulty) this.#sinceMs[c] = timeMs;
        this.#fault[c] = verdict;
      }
      if (this.#worst(c) > 0) this.calm = false;
    }
  }

  /** 1 = the worst signal just counts as faulty. */
  severity(): number {
    let worst = 0;
    for (let c = 0; c < this.channels; c++) worst = Math.max(worst, this.#worst(c));
    // `leastFrames` frames must do, in spite of rounding.
    return worst / share + 1e-9;
  }

  /** Since when the signals that count as faulty are so: the earliest. */
  sinceMs(): number {
    return Math.min(...this.faulty(0).map((signal) => signal.sinceMs));
  }

  /** Signals whose level is at least `above` (1 = just faulty), in the channels' order. */
  faulty(above: number): FaultySignal[] {
    const found: FaultySignal[] = [];
    for (let channel = 0; channel < this.channels; channel++) {
      const level = this.#worst(channel);
      const fault = healthStates[this.#fault[channel] ?? pass];
      if (level === 0 || level / share + 1e-9 < above || fault === undefined || fault === 'pass') continue;
      found.push({ channel, fault, sinceMs: this.#sinceMs[channel] ?? 0 });
    }
    return found;
  }

  #worst(c: number): number {
    return Math.max(this.#level[c] ?? 0, this.#spiking[c] ?? 0);
  }
}

function remembered(level: number): number {
  return level < forgotten ? 0 : level;
}
