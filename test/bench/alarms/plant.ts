/** Fifty simulated pumps, a bundle that has learned them, and its verdicts on their week, frame by frame. */
import type { Bundle } from '../../../model/bundle.js';
import { modeCode, type ResultBatch } from '../../../model/frames.js';
import { BundleRuntime } from '../../../model/runtime.js';
import { type Message, simulate } from '../../../simulator/plant.js';
import { signalNames, signals } from '../../../simulator/signals.js';
import { learn } from '../plant/learned.js';
import { type AssetWeek, periodMs, weekFrames } from './scenario.js';

const rateHz = 1000 / periodMs;
/** The pumps are the same for every seed; what happens to them depends on when it is. */
const pumps = 1;
const learnDays = 2;
/** A Monday. */
const firstMs = Date.parse('2026-03-02T00:00:00Z');
/** A gap of more frames clears the memory of the detectors, as the daemon's aligner does. */
const bridgedFrames = 10;

/** The Monday on which the week of a seed begins. */
export function weekStartMs(seed: number): number {
  return firstMs + (seed % 100) * weekFrames * periodMs;
}

/** Learns healthy pumps; the bundle is written to `dir`. */
export function learnPumps(assets: readonly string[], dir: string): Promise<Bundle> {
  const durationS = learnDays * 86_400;
  return learn({
    seed: pumps,
    assets,
    startMs: firstMs - durationS * 1000,
    durationS,
    periodMs,
    detectors: ['pca'],
    dir,
  });
}

/** Verdicts on the week, a frame of all assets at a time. */
export class Week {
  readonly #messages: Iterator<Message>;
  #next: IteratorResult<Message>;
  readonly #slots: ReadonlyMap<string, number>;
  readonly #lastFrame: Int32Array;
  #frame = 0;

  private constructor(
    private readonly runtime: BundleRuntime,
    private readonly weeks: readonly AssetWeek[],
    readonly startMs: number,
  ) {
    const assets = weeks.map(({ name }) => name);
    const scenario = weeks.flatMap(({ plant }) => plant);
    const durationS = (weekFrames * periodMs) / 1000;
    this.#messages = simulate({ seed: pumps, assets, rateHz, startMs, durationS, scenario });
    this.#next = this.#messages.next();
    this.#slots = new Map(assets.map((name, slot) => [name, slot]));
    this.#lastFrame = new Int32Array(assets.length).fill(-1);
  }

  static async begin(bundle: Bundle, weeks: readonly AssetWeek[], seed: number): Promise<Week> {
    return new Week(await BundleRuntime.open(bundle), weeks, weekStartMs(seed));
  }

  /** The daemon was restarted: its detectors remember nothing. */
  forget(): void {
    for (let slot = 0; slot < this.weeks.length; slot++) this.runtime.forget(slot);
  }

  /** The next frame; assets in `deaf` are not heard. */
  async score(deaf: (slot: number) => boolean): Promise<ResultBatch> {
    const frame = this.#frame++;
    const timeMs = this.startMs + frame * periodMs;
    const rows: { slot: number; values: number[] }[] = [];
    while (this.#next.done !== true && this.#next.value.timeMs <= timeMs) {
      const { asset, values } = this.#next.value;
      const slot = this.#slots.get(asset) ?? 0;
      const spiked = this.weeks[slot]?.spikes.get(frame);
      const jump = (name: (typeof signalNames)[number]) => (name === spiked ? 3 * signals[name].faultScale : 0);
      if (!deaf(slot))
        rows.push({ slot, values: signalNames.map((name) => (values[name] ?? Number.NaN) + jump(name)) });
      this.#next = this.#messages.next();
    }
    rows.sort((a, b) => a.slot - b.slot);
    const reset = rows.map(({ slot }) => (frame - (this.#lastFrame[slot] ?? 0) > bridgedFrames ? 1 : 0));
    for (const { slot } of rows) this.#lastFrame[slot] = frame;
    const result = await this.runtime.score({
      n: rows.length,
      slot: Int32Array.from(rows, ({ slot }) => slot),
      timeMs: new Float64Array(rows.length).fill(timeMs),
      reset: Uint8Array.from(reset),
      values: Float32Array.from(rows.flatMap(({ values }) => values)),
    });
    rows.forEach(({ slot }, i) => {
      const severity = this.weeks[slot]?.painted[frame] ?? Number.NaN;
      if (Number.isNaN(severity) || result.mode[i] !== modeCode.steady) return;
      result.severity[i] = severity;
      result.instant[i] = severity;
    });
    return result;
  }

  close(): Promise<void> {
    return this.runtime.close();
  }
}
