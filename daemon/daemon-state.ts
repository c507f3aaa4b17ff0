/** The running daemon as others see it: the state that metrics are read from, and what stands in the way of health and readiness. */
import { totalmem } from 'node:os';
import { forecast } from '../model/budget.js';
import { modes } from '../model/frames.js';
import { regimeNames } from '../model/modes.js';
import type { Config } from './config.js';
import type { Connection } from './connection.js';
import type { Engine } from './engine.js';
import type { HealthFacts } from './health-report.js';
import { type IngestCounters, subscriptions } from './ingest.js';
import type { LoopDelay } from './loop-delay.js';
import type { BundleView, MetricState } from './metrics-state.js';
import type { Plant } from './plant.js';
import type { Reporting } from './reporting.js';
import type { StatusFacts } from './status-line.js';

/** The parts of `Daemon` that are looked at. */
interface Running {
  readonly options: { readonly version: string };
  readonly config: Config;
  readonly counters: IngestCounters;
  readonly engine: Engine;
  readonly watchdog: { readonly stuck: string };
  readonly connection: Connection;
  readonly reporting: Reporting;
  readonly reloaded: { readonly ok: boolean; readonly timeMs: number };
  readonly configHash: string;
  readonly loopDelay: LoopDelay;
  /** Undefined until all bundles are open. */
  readonly plant: Plant | undefined;
}

/** What makes a restart the only help. That we answer at all proves that the event loop turns. */
export function vitalProblems({ watchdog }: Pick<Running, 'watchdog'>): string[] {
  return watchdog.stuck === '' ? [] : [`${watchdog.stuck} has work and finishes none`];
}

/** Why nothing is scored at the moment. */
export function readinessProblems(running: Pick<Running, 'watchdog' | 'plant' | 'connection' | 'config'>): string[] {
  const problems = vitalProblems(running);
  const { connected, refused } = running.connection;
  if (running.plant === undefined) problems.push('bundles are being opened');
  if (!connected) problems.push('not connected to the broker');
  const inputs = [...subscriptions(running.config.inputs).keys()];
  if (inputs.every((filter) => refused.has(filter)))
    problems.push(`the broker refuses the subscription to ${inputs.join(', ')}`);
  return problems;
}

export function readState(running: Running): MetricState {
  const { plant, connection, reporting, config } = running;
  const bundles = plant === undefined ? [] : plant.lines.map((_, i) => viewBundle(plant, i, reporting));
  const series = bundles.reduce((sum, { signals, assets }) => sum + signals.length * assets.length, 0);
  return {
    ready: readinessProblems(running).length === 0,
    memoryLimitBytes: memoryLimitBytes(),
    build: { version: running.options.version, node: process.version },
    ingest: running.counters,
    bundles,
    loopDelayS: running.loopDelay.histogramS,
    worker: running.engine,
    broker: connection,
    outbox: reporting.outbox,
    silent: reporting.presence.silent,
    allSilent: reporting.presence.allSilent,
    inputs: { views: reporting.inputs.views(), resubscriptions: reporting.inputs.resubscriptions },
    alertmanager: reporting.relays.alertmanager,
    alarms: reporting.counts,
    reload: running.reloaded,
    signalSeries: series <= config.metrics.maxSignalSeries,
  };
}

/** The limit of our control group where there is one (0 and absurdly large values say that there is none). */
function memoryLimitBytes(): number {
  return Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem());
}

/** What `bridge/health` tells. */
export function healthFacts(running: Running, uptimeS: number): HealthFacts {
  const { plant, connection, reporting, counters, config, options } = running;
  const frames = new Map<string, number>();
  const bundles = (plant?.lines ?? []).map(({ options: { config, bundle }, latest }, i) => {
    const names = plant?.assets.names(i) ?? [];
    for (const [slot, name] of names.entries()) frames.set(name, (frames.get(name) ?? 0) + (latest.frames[slot] ?? 0));
    return { name: config.name, version: bundle.manifest.version, hash: bundle.hash, assets: names.length };
  });
  return {
    version: options.version,
    gateway: config.gateway,
    configHash: running.configHash,
    uptimeS,
    connected: connection.connected,
    queued: reporting.outbox.size,
    dropped: reporting.outbox.dropped,
    received: counters.messages,
    published: reporting.outbox.published,
    rejected: counters.rejected.reduce((sum, count) => sum + count, 0),
    bundles,
    frames,
    offline: reporting.presence.silent,
    silent: reporting.presence.allSilent,
    inputs: reporting.inputs.views(),
    refused: [...connection.refused.keys()],
    alarms: reporting.alarms.retained(),
  };
}

/** What `systemctl status` tells. */
export function statusFacts(running: Running): StatusFacts {
  const { plant, connection, reporting, config, reloaded, watchdog } = running;
  const lines = plant?.lines ?? [];
  const ill = new Set([...reporting.counts.standing()].map(({ asset }) => asset));
  return {
    stuck: watchdog.stuck,
    broker: config.broker.url,
    connected: connection.connected,
    trouble: connection.trouble,
    assets: lines.reduce((sum, _, i) => sum + (plant?.assets.count(i) ?? 0), 0),
    silent: reporting.presence.silent,
    alarms: ill.size,
    framesScored: lines.reduce((sum, { lane }) => sum + lane.scored, 0),
    configInForce: reloaded.ok,
  };
}

function viewBundle({ lines, assets }: Plant, i: number, { baselines }: Reporting): BundleView {
  const line = lines[i];
  if (line === undefined) throw new RangeError(`there is no bundle ${i}`);
  const { bundle, config } = line.options;
  const allowed = config.falseAlarmsPerAssetWeek ?? bundle.manifest.falseAlarmsPerAssetWeek;
  return {
    name: config.name,
    version: bundle.manifest.version,
    hash: bundle.hash,
    signals: bundle.manifest.channels.map(({ name }) => name),
    detectors: bundle.manifest.detectors.map(({ name }) => name),
    modes: [...modes, ...regimeNames(bundle.manifest.modes)],
    budget: { ...forecast(bundle.manifest, allowed), allowed },
    assets: assets.names(i),
    latest: line.latest,
    spread: line.spread,
    latencyS: line.latencyS,
    lane: line.lane,
    lastSeenMs: (slot) => assets.assetLastSeenMs(i, slot),
    level: (slot) => baselines.level(i, slot),
  };
}
