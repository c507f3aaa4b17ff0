/** The running daemon as others see it: the state that metrics are read from, and what stands in the way of health and readiness. */
import { totalmem } from 'node:os';
/** Silence of the worker that is no longer just a long batch or a bundle being opened. */
const silentMs = 15_000;
/** What makes a restart the only help. That we answer at all proves that the event loop turns. */
export function vitalProblems({ engine }) {
    return engine.silentMs > silentMs ? ['the scoring thread does not answer'] : [];
}
/** Why nothing is scored at the moment. */
export function readinessProblems(running) {
    const problems = vitalProblems(running);
    if (running.plant === undefined)
        problems.push('bundles are being opened');
    if (!running.connection.connected)
        problems.push('not connected to the broker');
    return problems;
}
export function readState(running) {
    const { plant, connection, reporting, config } = running;
    const bundles = plant === undefined ? [] : plant.lines.map((_, i) => viewBundle(plant, i, reporting));
    const series = bundles.reduce((sum, { signals, assets }) => sum + signals.length * assets.length, 0);
    return {
        ready: readinessProblems(running).length === 0,
        memoryLimitBytes: memoryLimitBytes(),
        build: { version: running.options.version, node: process.version },
        ingest: running.counters,
        bundles,
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
function memoryLimitBytes() {
    return Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem());
}
/** What `bridge/health` tells. */
export function healthFacts(running, uptimeS) {
    const { plant, connection, reporting, counters, config, options } = running;
    const frames = new Map();
    const bundles = (plant?.lines ?? []).map(({ options: { config, bundle }, latest }, i) => {
        const names = plant?.assets.names(i) ?? [];
        for (const [slot, name] of names.entries())
            frames.set(name, (frames.get(name) ?? 0) + (latest.frames[slot] ?? 0));
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
function viewBundle({ lines, assets }, i, { baselines }) {
    const line = lines[i];
    if (line === undefined)
        throw new RangeError(`there is no bundle ${i}`);
    const { bundle, config } = line.options;
    return {
        name: config.name,
        version: bundle.manifest.version,
        hash: bundle.hash,
        signals: bundle.manifest.channels.map(({ name }) => name),
        detectors: bundle.manifest.detectors.map(({ name }) => name),
        assets: assets.names(i),
        latest: line.latest,
        latencyS: line.latencyS,
        lane: line.lane,
        lastSeenMs: (slot) => assets.assetLastSeenMs(i, slot),
        level: (slot) => baselines.level(i, slot),
    };
}
//# sourceMappingURL=daemon-state.js.map