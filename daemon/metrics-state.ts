/** What the metrics are read from at a scrape: views of the daemon's parts, no more of each than is shown. */
import type { Forecast } from '../model/budget.js';
import type { Histogram } from './engine-histogram.js';
import type { IngestCounters } from './ingest.js';
import type { InputView } from './input-watch.js';
import type { Latest } from './latest.js';
import type { NormalSpread } from './normal-spread.js';

export interface BundleView {
  /** As the config calls it. */
  readonly name: string;
  readonly version: string;
  readonly hash: string;
  readonly signals: readonly string[];
  readonly detectors: readonly string[];
  /** Modes and regimes in words, by code. */
  readonly modes: readonly string[];
  /** What its alarm budget is worth. */
  readonly budget: Forecast & { readonly allowed: number };
  /** Names by slot. */
  readonly assets: readonly string[];
  readonly latest: Latest;
  readonly spread: Pick<NormalSpread, 'of'>;
  readonly latencyS: Histogram;
  readonly lane: {
    readonly frames: number;
    readonly scored: number;
    readonly underway: number;
    readonly dropped: Readonly<Record<string, number>>;
    readonly inferenceS: Histogram;
    readonly batchSize: Histogram;
  };
  /** NaN = never. */
  lastSeenMs(slot: number): number;
  /** Alarm level of the asset, in units of the bundle's own. */
  level(slot: number): number;
}

export interface AlarmView {
  active(): Iterable<{ readonly type: string; readonly band: string; readonly count: number }>;
  /** Each alarm that is active; `band` counts from 1. */
  standing(): Iterable<{ readonly asset: string; readonly type: string; readonly band: number }>;
  alerts(): Iterable<{ readonly type: string; readonly event: string; readonly count: number }>;
}

export interface MetricState {
  /** As /readyz says. */
  readonly ready: boolean;
  readonly memoryLimitBytes: number;
  readonly build: { readonly version: string; readonly node: string };
  readonly ingest: IngestCounters;
  readonly bundles: readonly BundleView[];
  readonly loopDelayS: Histogram;
  readonly worker: { readonly restarts: number };
  readonly broker: {
    readonly connected: boolean;
    readonly reconnects: number;
    /** By kind. */
    readonly troubles: ReadonlyMap<string, number>;
    /** Subscriptions that the broker refuses, with its reason. */
    readonly refused: ReadonlyMap<string, number>;
  };
  readonly outbox: {
    readonly size: number;
    readonly published: number;
    readonly dropped: number;
    readonly failures: number;
  };
  /** Assets that are silent. */
  readonly silent: number;
  /** All of them are. */
  readonly allSilent: boolean;
  readonly inputs: { readonly views: readonly InputView[]; readonly resubscriptions: number };
  /** Undefined where nothing is pushed. */
  readonly alertmanager: { readonly pushes: number; readonly failures: number } | undefined;
  readonly alarms: AlarmView;
  readonly reload: { readonly ok: boolean; readonly timeMs: number };
  /** False leaves out the series of single signals, which are the many. */
  readonly signalSeries: boolean;
}
