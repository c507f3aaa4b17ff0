/** What the metrics are read from at a scrape: views of the daemon's parts, no more of each than is shown. */
import type { Histogram } from './engine-histogram.js';
import type { IngestCounters } from './ingest.js';
import type { Latest } from './latest.js';

export interface BundleView {
  /** As the config calls it. */
  readonly name: string;
  readonly version: string;
  readonly hash: string;
  readonly signals: readonly string[];
  readonly detectors: readonly string[];
  /** Names by slot. */
  readonly assets: readonly string[];
  readonly latest: Latest;
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
}

export interface AlarmView {
  active(): Iterable<{ readonly type: string; readonly band: string; readonly count: number }>;
  alerts(): Iterable<{ readonly type: string; readonly event: string; readonly count: number }>;
}

export interface MetricState {
  /** As /readyz says. */
  readonly ready: boolean;
  readonly memoryLimitBytes: number;
  readonly build: { readonly version: string; readonly node: string };
  readonly ingest: IngestCounters;
  readonly bundles: readonly BundleView[];
  readonly worker: { readonly restarts: number };
  readonly broker: {
    readonly connected: boolean;
    readonly reconnects: number;
    /** By kind. */
    readonly troubles: ReadonlyMap<string, number>;
  };
  readonly outbox: { readonly size: number; readonly published: number; readonly dropped: number };
  /** Assets that are silent. */
  readonly silent: number;
  readonly alarms: AlarmView;
  readonly reload: { readonly ok: boolean; readonly timeMs: number };
  /** False leaves out the series of single signals, which are the many. */
  readonly signalSeries: boolean;
}
