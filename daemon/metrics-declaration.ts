/** How a metric is declared: name, type, labels, help, and where its samples are read at a scrape. */
import type { Histogram } from './engine-histogram.js';
import type { BundleView, MetricState } from './metrics-state.js';

/** A value and its labels' values, in the order of `labels`; a histogram stands for all its series. */
export type Sample = readonly [number | Histogram, ...string[]];

export interface Declaration {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
  /** Called at each scrape; nothing is computed before. */
  readonly read: (state: MetricState) => Iterable<Sample>;
}

export const declare = (
  type: Declaration['type'],
  name: string,
  labels: readonly string[],
  help: string,
  read: Declaration['read'],
): Declaration => ({ name: `anomalyd_${name}`, type, labels, help, read });

export const perBundle = (read: (bundle: BundleView) => number | Histogram): Declaration['read'] =>
  function* ({ bundles }) {
    for (const bundle of bundles) yield [read(bundle), bundle.name];
  };

/** One sample for each asset of each bundle that has a result. */
export const perAsset = (read: (bundle: BundleView, slot: number) => number): Declaration['read'] =>
  function* ({ bundles }) {
    for (const bundle of bundles)
      for (const [slot, asset] of bundle.assets.entries())
        if (bundle.latest.has(slot)) yield [read(bundle, slot), asset, bundle.name];
  };

/** One sample for each signal of each asset, where series of signals are wanted; NaN = no value. */
export const perSignal = (read: (bundle: BundleView, index: number) => number): Declaration['read'] =>
  function* ({ bundles, signalSeries }) {
    if (!signalSeries) return;
    for (const bundle of bundles)
      for (const [slot, asset] of bundle.assets.entries())
        if (bundle.latest.has(slot))
          for (const [c, signal] of bundle.signals.entries())
            yield [read(bundle, slot * bundle.signals.length + c), asset, bundle.name, signal];
  };
