/** One bundle at work: readings in, through alignment and the worker, results out. */
import { Aligner, type ReadingFate } from '../model/align.js';
import type { Bundle } from '../model/bundle.js';
import type { Clock } from '../model/clock.js';
import type { AlignmentConfig, BundleConfig } from './config.js';
import type { Engine } from './engine.js';
import { Histogram } from './engine-histogram.js';
import type { Lane } from './engine-lane.js';
import type { ArrivedResults } from './engine-results.js';
import { Latest } from './latest.js';
import { NormalSpread } from './normal-spread.js';

const latencyBoundsS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Silence longer than this many frames clears an asset's memory, where the config does not say. */
export const defaultGapFrames = 10;

export interface LineOptions {
  readonly config: BundleConfig;
  readonly alignment: AlignmentConfig;
  readonly bundle: Bundle;
  readonly engine: Engine;
  readonly clock: Clock;
  /** The arrays are valid only during the call; severities may be changed in place. */
  readonly onResults: (line: Line, results: ArrivedResults) => void;
}

export class Line {
  readonly latest: Latest;
  readonly spread: NormalSpread;
  readonly latencyS = new Histogram(latencyBoundsS);
  private readonly aligner: Aligner;
  private arrivalMs = 0;
  private opened: Lane | undefined;

  private constructor(readonly options: LineOptions) {
    const { channels, detectors, periodMs, holdMs } = options.bundle.manifest;
    const { latenessMs, maxFutureMs } = options.alignment;
    this.latest = new Latest(channels.length, detectors.length);
    this.spread = new NormalSpread(channels.length);
    this.aligner = new Aligner(
      { channels: channels.length, periodMs, holdMs, latenessMs, maxFutureMs, maxGapMs: maxGapMs(options) },
      (slot, timeMs, values, reset) => this.lane.push(slot, timeMs, values, reset, this.arrivalMs),
    );
  }

  /** Opens the bundle in the worker. @throws UserError when it does not hold */
  static async open(options: LineOptions): Promise<Line> {
    const { engine, bundle, config } = options;
    const line = new Line(options);
    const { falseAlarmsPerAssetWeek } = config;
    const laneOptions = {
      maxGapMs: maxGapMs(options),
      ...(falseAlarmsPerAssetWeek !== undefined && { falseAlarmsPerAssetWeek }),
    };
    line.opened = await engine.open(bundle, laneOptions, (results) => line.receive(results));
    return line;
  }

  get lane(): Lane {
    if (this.opened === undefined) throw new Error('the line is not open');
    return this.opened;
  }

  /** One reading; `nowMs` by the wall clock, `arrivalMs` monotonic. */
  add(slot: number, channel: number, timeMs: number, value: number, nowMs: number, arrivalMs: number): ReadingFate {
    this.arrivalMs = arrivalMs;
    return this.aligner.add(slot, channel, timeMs, value, nowMs);
  }

  /** Lets frames go that have waited long enough for their readings. */
  tick(nowMs: number, arrivalMs: number): void {
    this.arrivalMs = arrivalMs;
    this.aligner.tick(nowMs);
  }

  /** Lets all frames go, for the end. */
  flush(arrivalMs: number): void {
    this.arrivalMs = arrivalMs;
    this.aligner.flush();
  }

  close(): void {
    if (this.opened !== undefined) this.options.engine.close(this.opened);
  }

  /** True when a line opened with the other options would do the same, so that this one can go on. */
  serves(config: BundleConfig, alignment: AlignmentConfig, bundle: Bundle): boolean {
    const { options } = this;
    return (
      bundle.hash === options.bundle.hash &&
      bundle.dir === options.bundle.dir &&
      JSON.stringify([config, alignment]) === JSON.stringify([options.config, options.alignment])
    );
  }

  private receive(results: ArrivedResults): void {
    const now = this.options.clock.monotonic();
    for (let i = 0; i < results.n; i++) this.latencyS.observe((now - (results.arrivalMs[i] ?? now)) / 1000);
    // Severities are put in units of the asset's own alarm level there; what is kept as the latest must say the same.
    this.options.onResults(this, results);
    this.latest.note(results);
    this.spread.note(results);
  }
}

function maxGapMs({ alignment, bundle }: Pick<LineOptions, 'alignment' | 'bundle'>): number {
  return alignment.maxGapMs ?? defaultGapFrames * bundle.manifest.periodMs;
}
