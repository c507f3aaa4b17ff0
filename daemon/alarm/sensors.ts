/** Which signals of one asset are faulty for long enough to say so: counts over the newest verdicts of `model/health`. */
import { healthStates } from '../../model/frames.js';
import { leastFrames } from './settings.js';

/** A signal is faulty when `leastFrames` of so many newest frames failed. At most 32: they are the bits of a number. */
const memoryFrames = 30;
const memory = 2 ** memoryFrames - 1;
/** A loose contact shows as spikes among good values: it is faulty, too, after so many spikes */
const spikes = 3;
/** within so many frames, */
const spikeFrames = 100;
/** and stays so until so many have passed without one. Twice as long: a contact that spikes at just that rate must not come and go. */
const spikeHoldFrames = 200;
/** The frame of a spike that has not come yet. */
const never = Number.NEGATIVE_INFINITY;

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
  /** No signal has a trace of a fault: frames that pass need no update. */
  calm = true;
  /** Counts the frames that were taken. */
  #frame = 0;
  /** By channel: its newest frames as bits, 1 = failed. */
  readonly #failed: Uint32Array;
  /** By channel: in which frames its newest `spikes` spikes began, oldest first. */
  readonly #spikes: Float64Array;
  readonly #inSpike: Uint8Array;
  /** By channel: 1 = it spiked too often, and not long ago. */
  readonly #loose: Uint8Array;
  readonly #sinceMs: Float64Array;
  readonly #fault: Uint8Array;

  constructor(private readonly channels: number) {
    this.#failed = new Uint32Array(channels);
    this.#spikes = new Float64Array(channels * spikes).fill(never);
    this.#inSpike = new Uint8Array(channels);
    this.#loose = new Uint8Array(channels);
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
    this.#frame++;
    this.calm = true;
    for (let c = 0; c < this.channels; c++) {
      const verdict = health[at + c] ?? pass;
      if (verdict !== pass) {
        if (this.#level(c) === 0) this.#sinceMs[c] = timeMs;
        this.#fault[c] = verdict;
      }
      this.#failed[c] = (((this.#failed[c] ?? 0) << 1) | (verdict === pass ? 0 : 1)) & memory;
      // A new level is called a spike for some frames, until it is believed: that is one spike, not several.
      if (verdict === spike && this.#inSpike[c] === 0) this.#spiked(c);
      this.#inSpike[c] = verdict === spike ? 1 : 0;
      if (this.#loose[c] === 1 && this.#sinceSpike(c) >= spikeHoldFrames) this.#loose[c] = 0;
      if (this.#level(c) > 0) this.calm = false;
    }
  }

  /** Takes a signal for as faulty as it was before a restart, so that its alarm ends by the same rule as if there had been none. */
  recall(channel: number, fault: Fault, sinceMs: number): void {
    if (fault === 'spike') {
      this.#spikes[channel * spikes + spikes - 1] = this.#frame;
      this.#loose[channel] = 1;
    } else this.#failed[channel] = memory;
    this.#fault[channel] = healthStates.indexOf(fault);
    this.#sinceMs[channel] = sinceMs;
    this.calm = false;
  }

  /** 1 = the worst signal just counts as faulty. */
  severity(): number {
    let worst = 0;
    for (let c = 0; c < this.channels; c++) worst = Math.max(worst, this.#level(c));
    return worst;
  }

  /** Since when the signals that have a trace of a fault have it: the earliest. */
  sinceMs(): number {
    return Math.min(...this.faulty(0).map((signal) => signal.sinceMs));
  }

  /** Signals whose level is at least `above` (1 = just faulty), in the channels' order. */
  faulty(above: number): FaultySignal[] {
    const found: FaultySignal[] = [];
    for (let channel = 0; channel < this.channels; channel++) {
      const level = this.#level(channel);
      const fault = healthStates[this.#fault[channel] ?? pass];
      if (level === 0 || level < above || fault === undefined || fault === 'pass') continue;
      found.push({ channel, fault, sinceMs: this.#sinceMs[channel] ?? 0 });
    }
    return found;
  }

  #level(c: number): number {
    const failed = bits(this.#failed[c] ?? 0) / leastFrames;
    return Math.max(failed, this.#loose[c] === 1 ? 1 : this.#recentSpikes(c) / spikes);
  }

  #spiked(c: number): void {
    const from = c * spikes;
    this.#spikes.copyWithin(from, from + 1, from + spikes);
    this.#spikes[from + spikes - 1] = this.#frame;
    if (this.#recentSpikes(c) === spikes) this.#loose[c] = 1;
  }

  #recentSpikes(c: number): number {
    let count = 0;
    for (let k = c * spikes; k < (c + 1) * spikes; k++)
      if (this.#frame - (this.#spikes[k] ?? never) < spikeFrames) count++;
    return count;
  }

  #sinceSpike(c: number): number {
    return this.#frame - (this.#spikes[(c + 1) * spikes - 1] ?? never);
  }
}

/** How many bits are set. */
function bits(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}
