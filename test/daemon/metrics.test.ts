/** The metrics text: what the table declares, nothing else of ours, lint-clean, and read afresh at each scrape. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { Histogram } from '../../daemon/engine-histogram.js';
import { ingestCounters } from '../../daemon/ingest.js';
import { Latest } from '../../daemon/latest.js';
import { createMetrics, type Metrics } from '../../daemon/metrics.js';
import type { MetricState } from '../../daemon/metrics-state.js';
import { metricTable } from '../../daemon/metrics-table.js';
import { undiagnosed } from '../../model/suspicion.js';
import { has, real } from '../fixtures/tools.js';

function stateOf(changes: Partial<MetricState> = {}): MetricState {
  const latest = new Latest(2, 1);
  latest.note({
    n: 1,
    slot: Int32Array.of(0),
    timeMs: Float64Array.of(1e12),
    severity: Float32Array.of(1.5),
    instant: Float32Array.of(1.5),
    detector: Float32Array.of(0.5),
    contribution: Float32Array.of(0.25, 0.75),
    expected: Float32Array.of(60, 2),
    actual: Float32Array.of(75, Number.NaN),
    health: Uint8Array.of(0, 1),
    mode: Uint8Array.of(1),
    ...undiagnosed(1, 2),
  });
  const histogram = () => {
    const filled = new Histogram([0.001, 0.01]);
    for (const value of [0.0005, 0.005, 0.006, 5]) filled.observe(value);
    return filled;
  };
  return {
    build: { version: '1.2.3', node: 'v20.0.0' },
    ingest: { ...ingestCounters(), messages: 3, readings: 12 },
    bundles: [
      {
        name: 'pumps',
        version: '1',
        hash: 'abc',
        signals: ['temperature', 'flow'],
        detectors: ['lstm'],
        assets: ['pump "1"', 'pump-2'],
        latest,
        budget: { allowed: 1, perWeek: 1, low: 0.5, high: 1.5, assetHours: 500, hoursPerAlarm: 168 },
        modes: ['warm-up', 'steady', 'no-data'],
        spread: { of: (i) => [0.5, Number.NaN][i] ?? Number.NaN },
        latencyS: histogram(),
        lane: {
          frames: 5,
          scored: 4,
          underway: 0,
          dropped: { overload: 1, restart: 0 },
          inferenceS: histogram(),
          batchSize: histogram(),
        },
        lastSeenMs: (slot) => (slot === 0 ? 1e12 : Number.NaN),
        level: (slot) => (slot === 0 ? 1.5 : 1),
      },
    ],
    loopDelayS: histogram(),
    worker: { restarts: 0 },
    broker: { connected: true, reconnects: 2, troubles: new Map([['closed', 3]]), refused: new Map() },
    outbox: { size: 0, published: 4, dropped: 0, failures: 0 },
    silent: 0,
    allSilent: false,
    inputs: { views: [{ topic: 'plant/#', messages: 3, lastMs: 1e12, silent: false }], resubscriptions: 0 },
    alertmanager: { pushes: 2, failures: 1 },
    alarms: {
      active: () => [{ type: 'machine-anomaly', band: 'high', count: 1 }],
      standing: () => [{ asset: 'pump-2', type: 'machine-anomaly', band: 2 }],
      alerts: () => [{ type: 'machine-anomaly', event: 'raised', count: 1 }],
    },
    reload: { ok: true, timeMs: 1e12 },
    signalSeries: true,
    ready: true,
    memoryLimitBytes: 512e6,
    ...changes,
  };
}

async function textOf(metrics: Metrics, names?: ReadonlySet<string>): Promise<string> {
  let text = '';
  for await (const piece of metrics.pieces(names)) text += piece;
  return text;
}

describe('metrics', () => {
  it('shows the state as Prometheus reads it', async () => {
    const text = await textOf(createMetrics(() => stateOf()));
    for (const line of [
      'anomalyd_severity{asset="pump \\"1\\"",bundle="pumps"} 1.5',
      'anomalyd_signal_actual{asset="pump \\"1\\"",bundle="pumps",signal="flow"} NaN',
      'anomalyd_signal_spread{asset="pump \\"1\\"",bundle="pumps",signal="temperature"} 0.5',
      'anomalyd_asset_mode{asset="pump \\"1\\"",bundle="pumps",mode="steady"} 1',
      'anomalyd_alarm_band{asset="pump-2",type="machine-anomaly"} 2',
      'anomalyd_signal_healthy{asset="pump \\"1\\"",bundle="pumps",signal="flow"} 0',
      'anomalyd_frames_dropped_total{bundle="pumps",reason="overload"} 1',
      'anomalyd_latency_seconds_bucket{bundle="pumps",le="0.01"} 3',
      'anomalyd_latency_seconds_bucket{bundle="pumps",le="+Inf"} 4',
      'anomalyd_latency_seconds_count{bundle="pumps"} 4',
      'anomalyd_broker_connected 1',
      'anomalyd_alarm_level_ratio{asset="pump \\"1\\"",bundle="pumps"} 1.5',
      'anomalyd_input_messages_total{input="plant/#"} 3',
      'anomalyd_assets_by_mode{bundle="pumps",mode="steady"} 1',
      'anomalyd_readings_rejected_total{reason="infinite"} 0',
    ])
      expect(text).toContain(`${line}\n`);
    expect(text).not.toContain('asset="pump-2",bundle');
    expect(text).toContain('process_resident_memory_bytes');
  });

  it('has a sample for every declared metric, and no other of our own', async () => {
    const text = await textOf(createMetrics(() => stateOf()));
    const names = [...text.matchAll(/^# TYPE (anomalyd_\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    expect(names).toEqual(metricTable.map(({ name, type }) => `${name} ${type}`));
    for (const { name, labels } of metricTable)
      expect(text).toMatch(
        new RegExp(`^${name}(_bucket)?${labels.length === 0 ? '( |\\{le=)' : `\\{${labels[0]}="`}`, 'm'),
      );
  });

  it('leaves out the series of single signals where they are not wanted', async () => {
    const text = await textOf(createMetrics(() => stateOf({ signalSeries: false })));
    expect(text).not.toMatch(/^anomalyd_signal_actual\{/m);
    expect(text).toMatch(/^anomalyd_severity\{/m);
  });

  it('gives single metrics where they are named', async () => {
    const metrics = createMetrics(() => stateOf());
    const text = await textOf(metrics, new Set(['anomalyd_ready', 'process_resident_memory_bytes', 'unheard_of']));
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(names).toEqual(['anomalyd_ready', 'process_resident_memory_bytes']);
    expect(text).toContain('\nanomalyd_ready 1\n');
  });

  it('comes in pieces, with the event loop free between them', async () => {
    const assets = Array.from({ length: 2000 }, (_, i) => `pump-${i}`);
    const state = stateOf();
    const [bundle] = state.bundles;
    const bundles = [{ ...bundle!, assets, lastSeenMs: () => 1e12 }];
    let pieces = 0;
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    for await (const piece of createMetrics(() => ({ ...state, bundles })).pieces()) {
      expect(piece.length).toBeLessThan(100_000);
      pieces++;
    }
    clearInterval(timer);
    expect(pieces).toBeGreaterThan(2);
    expect(turns).toBeGreaterThan(0);
  });

  it('reads at the scrape, not before', async () => {
    let connected = true;
    const metrics = createMetrics(() =>
      stateOf({ broker: { connected, reconnects: 0, troubles: new Map(), refused: new Map() } }),
    );
    expect(await textOf(metrics)).toContain('anomalyd_broker_connected 1');
    connected = false;
    expect(await textOf(metrics)).toContain('anomalyd_broker_connected 0');
  });

  it.skipIf(!has('promtool'))(real('passes promtool check metrics', 'promtool'), async () => {
    const input = await textOf(createMetrics(() => stateOf()));
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
    expect(`${stdout}${stderr}`).toBe('');
    expect(status).toBe(0);
  });
});
