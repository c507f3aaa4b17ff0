/** A recording through the daemon's own path, as fast as it goes, with event time for a clock; the same input gives the same bytes. */
import { Aligner } from '../model/align.js';
import type { Bundle } from '../model/bundle.js';
import type { FrameBatch, ResultBatch } from '../model/frames.js';
import type { Row } from '../model/recording.js';
import { BundleRuntime, type RuntimeOptions } from '../model/runtime.js';
import { type AlarmChange, Alarms } from './alarm/alarms.js';
import type { AlarmConfig } from './alarm/config.js';
import { Assets } from './assets.js';
import type { AlignmentConfig } from './config.js';
import { maxBatch } from './engine-orders.js';
import { emptyBatch, FrameRing, type MutableFrameBatch } from './engine-ring.js';
import { defaultGapFrames } from './line.js';

/** Who scores. Results come in the order of the calls; `batch` is read before `score` returns its promise, unless `depth` is 1. */
export interface Scoring {
  /** Calls that may be under way at a time. */
  readonly depth: number;
  score(batch: FrameBatch): Promise<ResultBatch>;
  close(): Promise<void>;
}

export interface ReplayOptions extends RuntimeOptions {
  readonly bundle: Bundle;
  readonly alignment: AlignmentConfig;
  readonly alarms: AlarmConfig;
  readonly gateway: string;
  /** Opens what scores; in this thread where not given. */
  readonly openScoring?: (bundle: Bundle, options: RuntimeOptions) => Promise<Scoring>;
  /** Assets of each row by slot, for the results. */
  readonly onResults: (results: ResultBatch, assets: readonly string[]) => void | Promise<void>;
  readonly onAlarm: (change: AlarmChange) => void;
}

/** What went through. */
export interface ReplayCounts {
  rows: number;
  frames: number;
  /** Readings that alignment refused, by reason. */
  readonly rejected: Record<string, number>;
}

interface Frame {
  readonly slot: number;
  readonly timeMs: number;
  readonly reset: number;
  readonly values: Float32Array;
}

const ringFrames = 4096;
const tickMs = 1000;

export class Replay {
  readonly counts: ReplayCounts = { rows: 0, frames: 0, rejected: {} };
  private readonly ring: FrameRing;
  /** Frames that found no room in the ring, as when a long hole is filled or at the end of many assets. */
  private spare: Frame[] = [];
  private readonly batch: MutableFrameBatch;
  private readonly underway: Promise<ResultBatch>[] = [];
  private readonly aligner: Aligner;
  private readonly assets: Assets;
  private readonly alarms: Alarms;
  private readonly channels: ReadonlyMap<string, number>;
  private nowMs = Number.NEGATIVE_INFINITY;
  private tickedMs = Number.NEGATIVE_INFINITY;

  private constructor(
    private readonly options: ReplayOptions,
    private readonly scoring: Scoring,
  ) {
    const { bundle, alignment, gateway } = options;
    const { manifest } = bundle;
    const { channels, periodMs, holdMs, persistence, modes, classifier } = manifest;
    this.channels = new Map(channels.map(({ name }, i) => [name, i]));
    this.ring = new FrameRing({ capacity: ringFrames, channels: channels.length });
    this.batch = emptyBatch(maxBatch, channels.length);
    this.assets = new Assets([{ channels: channels.length, maxAssets: Number.POSITIVE_INFINITY }]);
    const { latenessMs, maxFutureMs, maxGapMs = defaultGapFrames * periodMs } = alignment;
    this.aligner = new Aligner(
      { channels: channels.length, periodMs, holdMs, latenessMs, maxFutureMs, maxGapMs },
      (slot, timeMs, values, reset) => {
        this.counts.frames++;
        const frame = { slot, timeMs, reset: reset ? 1 : 0, values };
        if (this.spare.length > 0 || !this.push(frame)) this.spare.push({ ...frame, values: values.slice() });
      },
    );
    this.alarms = new Alarms({ gateway, config: options.alarms, configHash: null, onChange: options.onAlarm });
    this.alarms.setBundle(0, {
      name: manifest.name,
      version: manifest.version,
      hash: bundle.hash,
      channels,
      periodMs,
      lookbackMs: persistence.of * periodMs,
      modes,
      classes: classifier?.classes,
      assets: this.assets.names(0),
    });
  }

  /** @throws UserError when the bundle does not hold */
  static async open(options: ReplayOptions): Promise<Replay> {
    const { bundle, falseAlarmsPerAssetWeek, openScoring = scoreHere } = options;
    const scoring = await openScoring(bundle, falseAlarmsPerAssetWeek === undefined ? {} : { falseAlarmsPerAssetWeek });
    return new Replay(options, scoring);
  }

  /** Takes rows; scores when enough frames have gathered. */
  async rows(rows: Iterable<Row>): Promise<void> {
    for (const row of rows) {
      this.row(row);
      if (this.ring.size >= ringFrames / 2) await this.score();
    }
  }

  private row(row: Row): void {
    const slot = this.assets.slot(0, row.asset);
    this.counts.rows++;
    if (slot < 0) {
      this.reject('asset-name');
      return;
    }
    if (row.timeMs > this.nowMs) this.nowMs = row.timeMs;
    for (const name in row.values) {
      const channel = this.channels.get(name);
      const value = row.values[name];
      if (channel === undefined || value === undefined) continue;
      const fate = this.aligner.add(slot, channel, row.timeMs, value, row.timeMs);
      if (fate !== 'accepted') this.reject(fate);
    }
  }

  /** The end of the recording: lets all frames go. */
  async finish(): Promise<void> {
    await this.score();
    this.aligner.flush();
    await this.score();
    while (this.underway.length > 0) await this.report();
    await this.scoring.close();
  }

  private async score(): Promise<void> {
    const { scoring, underway } = this;
    while (this.ring.take(this.batch, maxBatch) > 0) {
      const scored = scoring.score(this.batch);
      // What goes wrong is thrown where the results are awaited.
      scored.catch(() => {});
      underway.push(scored);
      if (underway.length >= scoring.depth) await this.report();
      if (this.spare.length > 0) this.refill();
    }
  }

  /** Hands on the oldest results under way. */
  private async report(): Promise<void> {
    const results = await (this.underway.shift() as Promise<ResultBatch>);
    let nowMs = Number.NEGATIVE_INFINITY;
    for (const timeMs of results.timeMs) if (timeMs > nowMs) nowMs = timeMs;
    this.alarms.results(0, results, nowMs);
    if (nowMs - this.tickedMs >= tickMs) {
      this.tickedMs = nowMs;
      this.alarms.tick(nowMs);
    }
    await this.options.onResults(results, this.assets.names(0));
  }

  private refill(): void {
    const moved = this.spare.findIndex((frame) => !this.push(frame));
    this.spare = moved < 0 ? [] : this.spare.slice(moved);
  }

  private push({ slot, timeMs, reset, values }: Frame): boolean {
    return this.ring.push(slot, timeMs, reset, 0, values, 0);
  }

  private reject(reason: string): void {
    this.counts.rejected[reason] = (this.counts.rejected[reason] ?? 0) + 1;
  }
}

async function scoreHere(bundle: Bundle, options: RuntimeOptions): Promise<Scoring> {
  const runtime = await BundleRuntime.open(bundle, options);
  return { depth: 1, score: (batch) => runtime.score(batch), close: () => runtime.close() };
}
