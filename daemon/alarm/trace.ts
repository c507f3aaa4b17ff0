/** What one asset did lately: a short ring of values, and the run of deviating frames that an alarm may come from. */

import { causeOf } from '../../model/classifier.js';
import type { ResultBatch } from '../../model/frames.js';
import type { Channel } from '../../model/manifest.js';
import { type Verdict, verdicts } from '../../model/suspicion.js';
import type { Cause, Diagnostic, Suspect, ValueWindow } from '../message/alarm.js';

/** Frames in the window that an alert shows. */
const windowFrames = 30;
/** Signals in it. */
const windowSignals = 4;
/** The shares of a run are a moving average over about this many frames. */
const shareFrames = 10;

export class Trace {
  readonly #timeMs = new Float64Array(windowFrames).fill(Number.NaN);
  readonly #actual: Float32Array;
  readonly #expected: Float32Array;
  #newest = -1;
  /** Code of the newest frame. */
  mode = 0;
  /** When the present run of deviation began; NaN = there is none. */
  runSinceMs = Number.NaN;
  /** Its newest frame. */
  runLastMs = Number.NaN;
  #runFrames = 0;
  readonly #share: Float64Array;
  /** Newest diagnosis of the run. */
  #verdict: Verdict = 'none';
  #suspects: readonly string[] = [];
  readonly #explains: Float32Array;
  /** Newest cause of the run and its probability, as results carry them. */
  #cause = 0;
  #certainty = 0;

  constructor(private readonly channels: readonly Channel[]) {
    const c = channels.length;
    this.#actual = new Float32Array(windowFrames * c);
    this.#expected = new Float32Array(windowFrames * c);
    this.#share = new Float64Array(c);
    this.#explains = new Float32Array(c).fill(Number.NaN);
  }

  /** Keeps the values of result `i`. Runs for every frame: no allocation. */
  remember(batch: ResultBatch, i: number): void {
    const c = this.channels.length;
    this.#newest = this.#newest + 1 === windowFrames ? 0 : this.#newest + 1;
    this.#timeMs[this.#newest] = batch.timeMs[i] ?? Number.NaN;
    this.mode = batch.mode[i] ?? 0;
    const to = this.#newest * c;
    for (let k = 0; k < c; k++) {
      this.#actual[to + k] = batch.actual[i * c + k] ?? Number.NaN;
      this.#expected[to + k] = batch.expected[i * c + k] ?? Number.NaN;
    }
  }

  /** Takes a frame whose `instant` is at least 1 into the run. */
  extend(batch: ResultBatch, i: number, timeMs: number): void {
    if (Number.isNaN(this.runSinceMs)) this.runSinceMs = timeMs;
    this.runLastMs = timeMs;
    const c = this.channels.length;
    let sum = 0;
    for (let k = 0; k < c; k++) sum += batch.contribution[i * c + k] ?? 0;
    if (!(sum > 0)) return;
    this.#runFrames++;
    const weight = Math.max(1 / this.#runFrames, 1 / shareFrames);
    for (let k = 0; k < c; k++) {
      const share = (batch.contribution[i * c + k] ?? 0) / sum;
      this.#share[k] = (this.#share[k] ?? 0) + weight * (share - (this.#share[k] ?? 0));
    }
  }

  /** Ends the run. */
  forget(): void {
    this.runSinceMs = Number.NaN;
    this.runLastMs = Number.NaN;
    this.#runFrames = 0;
    this.#share.fill(0);
    this.#verdict = 'none';
    this.#suspects = [];
    this.#explains.fill(Number.NaN);
    this.#cause = this.#certainty = 0;
  }

  /** Takes what the diagnosis of result `i` says; one that says nothing leaves the last word on an open alarm standing. */
  heed(batch: ResultBatch, i: number, isActive: boolean): void {
    if (batch.cause[i] !== 0) {
      this.#cause = batch.cause[i] ?? 0;
      this.#certainty = batch.certainty[i] ?? 0;
    }
    const verdict = verdicts[batch.verdict[i] ?? 0] ?? 'none';
    if (verdict === 'none' && (isActive || this.#verdict === 'none')) return;
    const c = this.channels.length;
    this.#verdict = verdict;
    this.#suspects = this.channels.flatMap(({ name }, k) => (batch.suspect[i * c + k] === 1 ? [name] : []));
    this.#explains.set(batch.explains.subarray(i * c, (i + 1) * c));
  }

  get verdict(): Verdict {
    return this.#verdict;
  }

  /** Null = nobody has looked, or it is no sensor's doing. */
  suspect(): Suspect | null {
    if (this.#verdict !== 'undecided' && this.#verdict !== 'sensor') return null;
    const ranked = this.diagnostics().filter(({ signal }) => this.#suspects.includes(signal));
    return { verdict: this.#verdict, signals: ranked.map(({ signal }) => signal) };
  }

  /** Null = nobody has looked. @param classes of the bundle's classifier */
  cause(classes: readonly string[] = []): Cause | null {
    const name = causeOf(classes, this.#cause);
    return name === undefined ? null : { class: name, probability: Number(this.#certainty.toFixed(3)) };
  }

  /** Newest value of a channel as it came in; NaN = missing. */
  actual(channel: number): number {
    return this.#newest < 0 ? Number.NaN : (this.#actual[this.#newest * this.channels.length + channel] ?? Number.NaN);
  }

  /** All signals with the newest values: first what explains most, then by their share of the run's evidence. Empty before any evidence. */
  diagnostics(): Diagnostic[] {
    if (this.#runFrames === 0) return [];
    const at = this.#newest * this.channels.length;
    const sum = this.#share.reduce((a, b) => a + b, 0);
    return this.channels
      .map((channel, k): Diagnostic => {
        const expected = known(this.#expected[at + k]);
        const actual = known(this.#actual[at + k]);
        return {
          signal: channel.name,
          contribution: (this.#share[k] ?? 0) / sum,
          explains: known(this.#explains[k]),
          expected,
          actual,
          unit: channel.unit,
          direction:
            expected === null || actual === null || expected === actual ? null : actual > expected ? 'above' : 'below',
        };
      })
      .sort((a, b) => (b.explains ?? 0) - (a.explains ?? 0) || b.contribution - a.contribution);
  }

  /** The newest frames of some signals, oldest first; null before the first frame. */
  window(signals: readonly string[]): ValueWindow | null {
    if (this.#newest < 0) return null;
    const c = this.channels.length;
    const rows: number[] = [];
    for (let back = windowFrames - 1; back >= 0; back--) {
      const row = (this.#newest - back + windowFrames) % windowFrames;
      if (!Number.isNaN(this.#timeMs[row] ?? Number.NaN)) rows.push(row);
    }
    const values: Record<string, (number | null)[]> = {};
    const expected: Record<string, (number | null)[]> = {};
    for (const signal of signals.slice(0, windowSignals)) {
      const k = this.channels.findIndex((channel) => channel.name === signal);
      if (k < 0) continue;
      values[signal] = rows.map((row) => known(this.#actual[row * c + k]));
      expected[signal] = rows.map((row) => known(this.#expected[row * c + k]));
    }
    return { times: rows.map((row) => new Date(this.#timeMs[row] ?? 0).toISOString()), values, expected };
  }
}

/** Single precision has seven digits; more would only be noise on the wire. */
function known(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(7));
}
