/** The scoring stage for machines whose normal drifts, and for short normal data: tracked residuals -> surprise -> severity that holds through an episode. */
import { Absence } from './absence.js';
import type { DetectorOutputs } from './detector.js';
import { Episodes } from './episodes.js';
import type { EpisodeRules, Growth, Manifest, Tracking } from './manifest.js';
import { surprise } from './tail.js';
import { Tracker } from './tracking.js';
import { openRow, type ScoringStage, type StageBatch, type Verdicts } from './verdicts.js';

export interface TrackingScorerOptions {
  /** [C] normal spread of each channel, engineering units: what residuals are told in. */
  readonly scale: readonly number[];
  readonly detectors: readonly Tracking[];
  /** How their tracked averages grow while a signal is out, in the same order; without it they count alike whatever is missing. */
  readonly absent?: readonly (Growth | undefined)[];
  readonly persistence: Manifest['persistence'];
  readonly episodes: EpisodeRules;
  /** -ln p at severity 1. */
  readonly alarmLevel: number;
}

/** Below the `clearAt` that alarms have by default: after a return the alarm may end. */
const quietSeverity = 0.79;
/** Not yet an alarm, whatever the newest frame says. */
const almost = 0.999;
/** Logarithms of smaller surprises say no more. */
export const leastSurprise = 1e-3;

/**
 * Each detector's whitened tracked average becomes a surprise; severity is their geometric mean over the alarm level, so that detectors must agree: one that is
 * sure alone does not carry the others. `instant` is that; `severity` is at least 1 while an episode lasts, and below 1 outside.
 */
export class TrackingScorer implements ScoringStage {
  private readonly trackers: readonly Tracker[];
  private readonly absence: Absence;
  private readonly episodes: Episodes;
  private readonly deviation: Float64Array;
  private readonly channels: number;

  constructor(private readonly options: TrackingScorerOptions) {
    const { detectors, absent = [], episodes, persistence, scale } = options;
    this.channels = scale.length;
    this.trackers = detectors.map((tracking) => new Tracker(tracking, episodes.settleGain, episodes.holdFrames));
    this.absence = new Absence(this.channels, Math.max(0, ...absent.map((growth) => growth?.settleFrames ?? 0)));
    this.deviation = new Float64Array(detectors.length * this.channels);
    this.episodes = new Episodes(episodes, persistence, this.deviation.length);
  }

  ensure(slots: number): void {
    for (const tracker of this.trackers) tracker.ensure(slots);
    this.absence.ensure(slots);
    this.episodes.ensure(slots);
  }

  reset(slot: number): void {
    for (const tracker of this.trackers) tracker.reset(slot);
    this.absence.reset(slot);
    this.episodes.reset(slot);
  }

  restart(slot: number): void {
    this.reset(slot);
  }

  step(batch: StageBatch, from: number, to: number): void {
    for (let row = from; row < to; row++) this.stepRow(batch, row);
  }

  private stepRow(batch: StageBatch, row: number): void {
    const { outputs, into, values } = batch;
    const slot = batch.slot[row] as number;
    const { trackers, absence, channels: C, options } = this;
    const D = trackers.length;
    const at = row * C;
    let sum = 0;
    let ready = 0;
    if (values !== undefined) absence.update(slot, values, at);
    const isScored = openRow(row, batch);
    this.expect(slot, row, outputs, into);
    if (!isScored) return;
    this.deviation.fill(0);
    for (let d = 0; d < D; d++) {
      const output = outputs[d] as DetectorOutputs;
      if (output.ready[row] === 0) continue;
      const tracker = trackers[d] as Tracker;
      const statistic = tracker.observe(slot, { residual: output.residual, out: absence.out, at });
      const usual = statistic / absence.growth(options.absent?.[d]?.smoothed);
      const own = surprise((options.detectors[d] as Tracking).table, usual);
      into.detector[row * D + d] = own / options.alarmLevel;
      sum += Math.log(Math.max(own, leastSurprise));
      ready++;
      this.deviation.set(tracker.deviation, d * C);
      if (statistic > 0)
        for (let c = 0; c < C; c++) addTo(into.contribution, at + c, (tracker.squares[c] as number) / statistic);
    }
    for (let c = 0; c < C; c++) into.contribution[at + c] = (into.contribution[at + c] as number) / ready;
    const instant = Math.exp(sum / ready) / options.alarmLevel;
    const phase = this.episodes.step(slot, instant, this.deviation);
    for (let d = 0; d < D; d++) {
      if ((outputs[d] as DetectorOutputs).ready[row] === 0) continue;
      const tracker = trackers[d] as Tracker;
      if (phase === 'returned') tracker.rebase(slot);
      else tracker.follow(slot, phase === 'normal' ? 'slow' : phase);
    }
    const quiet = this.episodes.isQuiet(slot);
    into.instant[row] = quiet ? Math.min(instant, quietSeverity) : instant;
    into.severity[row] = phase === 'alarm' ? Math.max(1, instant) : Math.min(instant, quiet ? quietSeverity : almost);
  }

  /** The expectation of the first detector that is ready, moved by the baseline. */
  private expect(slot: number, row: number, outputs: readonly DetectorOutputs[], into: Verdicts): void {
    const { channels: C } = this;
    const first = outputs.findIndex(({ ready }) => ready[row] === 1);
    const tracker = this.trackers[Math.max(0, first)] as Tracker;
    for (let c = 0; c < C; c++)
      addTo(into.expected, row * C + c, tracker.offset(slot, c) * (this.options.scale[c] as number));
  }
}

function addTo(array: Float32Array, i: number, value: number): void {
  array[i] = (array[i] as number) + value;
}
