/** The Prometheus text: our table and the process's own metrics, read from the daemon's state when someone scrapes. */
import { collectDefaultMetrics, type Metric, Registry } from 'prom-client';
import { Histogram } from './engine-histogram.js';
import type { Declaration, Sample } from './metrics-declaration.js';
import type { MetricState } from './metrics-state.js';
import { metricTable } from './metrics-table.js';

/** prom-client's own process metrics that break the naming rules (`promtool check metrics`) or tell little. */
const unwanted = /^nodejs_(active_|heap_space_|version_info)/;

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
}

/** @param state asked at each scrape, so that a reload may put another in its place */
export function createMetrics(state: () => MetricState): Metrics {
  const registry = new Registry();
  for (const declaration of metricTable) registry.registerMetric(lazy(declaration, state));
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  for (const { name } of registry.getMetricsAsArray()) if (unwanted.test(name)) registry.removeSingleMetric(name);
  return { contentType: registry.contentType, text: () => registry.metrics() };
}

interface Value {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

/** A metric that keeps nothing: prom-client asks any metric for its values through `get`. */
function lazy({ name, type, help, labels, read }: Declaration, state: () => MetricState): Metric {
  const get = async () => ({
    name,
    help,
    type,
    aggregator: 'sum',
    values: Array.from(read(state()), (sample) => values(name, labels, sample)).flat(),
  });
  return { name, help, type, get } as unknown as Metric;
}

function values(name: string, names: readonly string[], [value, ...labelValues]: Sample): Value[] {
  const labels = Object.fromEntries(names.map((label, i) => [label, labelValues[i] ?? '']));
  if (!(value instanceof Histogram)) return [{ labels, value }];
  const { cumulative, sum } = value.read();
  const count = cumulative.at(-1) ?? 0;
  return [
    ...cumulative.map((below, i) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le: value.bounds[i] ?? '+Inf' },
      value: below,
    })),
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
