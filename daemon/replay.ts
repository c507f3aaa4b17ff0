/** A recording through the daemon's own path, as fast as it goes, with event time for a clock; the same input gives the same bytes. */
import { Aligner } from '../model/align.js';
import type { Bundle } from '../model/bundle.js';
import { type FrameBatch, type ResultBatch, rowsOf } from '../model/frames.js';
import type { Row } from '../model/recording.js';
import { BundleRuntime, type RuntimeOptions } from '../model/runtime.js';
import { type AlarmChange, Alarms } from './alarm/alarms.js';
import type { AlarmConfig } from './alarm/config.js';
import { Assets } from './assets.js';
import type { AlignmentConfig } from './config.js';
import { maxBatch } from './engine-orders.js';
import { FrameBlock } from './frame-block.js';
import { defaultGapFrames } from './line.js';

/** Who scores. Results come in the order of the calls. */
export interface Scoring {
  /** Calls that may be under way at a time. */
  readonly depth: number;
  /** Frames of one asset that a batch may have. */
  readonly maxRounds: number;
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

interface Underway {
  readonly scored: Promise<ResultBatch>;
  readonly rounds: readonly number[];
}

const tickMs = 1000;

export class Replay {
  readonly counts: ReplayCounts = { rows: 0, frames: 0, rejected: {} };
  /** The last one is not full yet. */
  private readonly blocks: FrameBlock[] = [];
  private readonly underway: Underway[] = [];
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
    this.assets = new Assets([{ channels: channels.length, maxAssets: Number.POSITIVE_INFINITY }]);
    const { latenessMs, maxFutureMs, maxGapMs = defaultGapFrames * periodMs } = alignment;
    this.aligner = new Aligner(
      { channels: channels.length, periodMs, holdMs, latenessMs, maxFutureMs, maxGapMs },
      (slot, timeMs, values, reset) => {
        this.counts.frames++;
        if (this.blocks.at(-1)?.push(slot, timeMs, values, reset) === true) return;
        const block = new FrameBlock(maxBatch, channels.length, scoring.maxRounds);
        block.push(slot, timeMs, values, reset);
        this.blocks.push(block);
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
      if (this.blocks.length > 1) await this.score(1);
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
    this.aligner.flush();
    await this.score(0);
    while (this.underway.length > 0) await this.report();
    await this.scoring.close();
  }

  /** @param left blocks to leave */
  private async score(left: number): Promise<void> {
    const { scoring, underway, blocks } = this;
    while (blocks.length > left) {
      const batch = (blocks.shift() as FrameBlock).batch();
      const scored = scoring.score(batch);
      // What goes wrong is thrown where the results are awaited.
      scored.catch(() => {});
      underway.push({ scored, rounds: batch.rounds });
      if (underway.length >= scoring.depth) await this.report();
    }
  }

  /** Hands on the oldest results under way, round by round: alarms want to be told the time. */
  private async report(): Promise<void> {
    const { scored, rounds } = this.underway.shift() as Underway;
    const results = await scored;
    let to = 0;
    for (const rows of rounds) {
      const from = to;
      to += rows;
      await this.reportRound(rowsOf(results, from, to));
    }
  }

  private async reportRound(results: ResultBatch): Promise<void> {
    let nowMs = Number.NEGATIVE_INFINITY;
    for (const timeMs of results.timeMs) if (timeMs > nowMs) nowMs = timeMs;
    this.alarms.results(0, results, nowMs);
    if (nowMs - this.tickedMs >= tickMs) {
      this.tickedMs = nowMs;
      this.alarms.tick(nowMs);
    }
    await this.options.onResults(results, this.assets.names(0));
  }

  private reject(reason: string): void {
    this.counts.rejected[reason] = (this.counts.rejected[reason] ?? 0) + 1;
  }
}

async function scoreHere(bundle: Bundle, options: RuntimeOptions): Promise<Scoring> {
  const runtime = await BundleRuntime.open(bundle, options);
  return {
    depth: 1,
    maxRounds: runtime.maxRounds,
    score: (batch) => runtime.score(batch),
    close: () => runtime.close(),
  };
}
