/** The Prometheus text: our table and the process's own metrics, read from the daemon's state when someone scrapes. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { Histogram } from './engine-histogram.js';
import type { Declaration, Sample } from './metrics-declaration.js';
import type { MetricState } from './metrics-state.js';
import { metricTable } from './metrics-table.js';

/** prom-client's own process metrics that break the naming rules (`promtool check metrics`) or tell little. */
const unwanted = /^nodejs_(active_|heap_space_|version_info|eventloop_lag_)/;
/** prom-client's look at the event loop's delay wakes the process each time; ours (`event_loop_delay_seconds`) looks when it is awake anyway. */
const eventLoopMonitoringPrecision = 1e9;
/** A piece is some milliseconds of work: between two of them everything else has its turn. */
const pieceChars = 65_536;

export interface Metrics {
  readonly contentType: string;
  /** The text in pieces, made as they are asked for: that of ten thousand assets has megabytes. `names`: these metrics only. */
  pieces(names?: ReadonlySet<string>): AsyncIterable<string>;
}

/** @param state asked at each scrape, so that a reload may put another in its place */
export function createMetrics(state: () => MetricState): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision });
  for (const { name } of registry.getMetricsAsArray()) if (unwanted.test(name)) registry.removeSingleMetric(name);
  return {
    contentType: registry.contentType,
    async *pieces(names) {
      let piece = '';
      for (const text of expose(metricTable, state(), names)) {
        piece += text;
        if (piece.length < pieceChars) continue;
        yield piece;
        piece = '';
        await nextTurn();
      }
      yield piece;
      for (const { name } of registry.getMetricsAsArray())
        if (names?.has(name) ?? true) yield `${await registry.getSingleMetricAsString(name)}\n`;
    },
  };
}

/** Text exposition format 0.0.4, a line or a metric's head at a time. */
function* expose(table: readonly Declaration[], state: MetricState, names?: ReadonlySet<string>): Generator<string> {
  for (const { name, type, help, labels, read } of table) {
    if (names?.has(name) === false) continue;
    yield `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    for (const sample of read(state)) {
      const [value] = sample;
      const pairs = pairsOf(labels, sample);
      if (value instanceof Histogram) yield histogram(name, pairs, value);
      else yield line(name, pairs, value);
    }
  }
}

function histogram(name: string, pairs: string, histogram: Histogram): string {
  const { cumulative, sum } = histogram.read();
  const also = pairs === '' ? '' : `${pairs},`;
  const buckets = cumulative.map((below, i) =>
    line(`${name}_bucket`, `${also}le="${histogram.bounds[i] ?? '+Inf'}"`, below),
  );
  return `${buckets.join('')}${line(`${name}_sum`, pairs, sum)}${line(`${name}_count`, pairs, cumulative.at(-1) ?? 0)}`;
}

function line(name: string, pairs: string, value: number): string {
  return pairs === '' ? `${name} ${number(value)}\n` : `${name}{${pairs}} ${number(value)}\n`;
}

/** `asset="pump-1",bundle="pumps"` */
function pairsOf(labels: readonly string[], sample: Sample): string {
  let pairs = '';
  for (let i = 0; i < labels.length; i++)
    pairs += `${i === 0 ? '' : ','}${labels[i]}="${escaped(String(sample[i + 1] ?? ''))}"`;
  return pairs;
}

function number(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

const special = /["\\\n]/;

function escaped(label: string): string {
  if (!special.test(label)) return label;
  return label.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
