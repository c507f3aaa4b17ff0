/** Every metric of our own, declared in one table: name, type, labels, help, and where its samples are read at a scrape. */
import { healthStates, modes } from '../model/frames.js';
import { readingRejections } from './rejections.js';
const declare = (type, name, labels, help, read) => ({ name: `anomalyd_${name}`, type, labels, help, read });
const perBundle = (read) => function* ({ bundles }) {
    for (const bundle of bundles)
        yield [read(bundle), bundle.name];
};
/** One sample for each asset of each bundle that has a result. */
const perAsset = (read) => function* ({ bundles }) {
    for (const bundle of bundles)
        for (const [slot, asset] of bundle.assets.entries())
            if (bundle.latest.has(slot))
                yield [read(bundle, slot), asset, bundle.name];
};
/** One sample for each signal of each asset, where series of signals are wanted; NaN = no value. */
const perSignal = (read) => function* ({ bundles, signalSeries }) {
    if (!signalSeries)
        return;
    for (const bundle of bundles)
        for (const [slot, asset] of bundle.assets.entries())
            if (bundle.latest.has(slot))
                for (const [c, signal] of bundle.signals.entries())
                    yield [read(bundle, slot * bundle.signals.length + c), asset, bundle.name, signal];
};
export const metricTable = [
    declare('gauge', 'build_info', ['version', 'node'], 'Always 1; which anomalyd this is.', ({ build }) => [
        [1, build.version, build.node],
    ]),
    declare('gauge', 'bundle_info', ['bundle', 'version', 'hash'], 'Always 1; which bundles are loaded.', function* (s) {
        for (const { name, version, hash } of s.bundles)
            yield [1, name, version, hash];
    }),
    declare('gauge', 'ready', [], '1 while we can score, as /readyz says.', ({ ready }) => [[ready ? 1 : 0]]),
    declare('gauge', 'memory_limit_bytes', [], "Memory that the daemon may use: its service's limit, or all that the host has.", ({ memoryLimitBytes }) => [[memoryLimitBytes]]),
    declare('gauge', 'broker_connected', [], '1 while connected to the MQTT broker.', ({ broker }) => [
        [broker.connected ? 1 : 0],
    ]),
    declare('counter', 'broker_reconnects_total', [], 'Connections to the broker after the first.', ({ broker }) => [
        [broker.reconnects],
    ]),
    declare('counter', 'broker_troubles_total', ['kind'], 'Times we could not connect or were thrown out, by kind.', function* ({ broker }) {
        for (const kind of new Set(['unreachable', ...broker.troubles.keys()]))
            yield [broker.troubles.get(kind) ?? 0, kind];
    }),
    declare('counter', 'messages_received_total', [], 'MQTT messages received.', ({ ingest }) => [[ingest.messages]]),
    declare('counter', 'received_bytes_total', [], 'Payload bytes received.', ({ ingest }) => [[ingest.bytes]]),
    declare('counter', 'messages_unmatched_total', [], 'Messages whose topic no input asks for, as overlapping wildcards bring them.', ({ ingest }) => [[ingest.unmatched]]),
    declare('counter', 'readings_received_total', [], 'Readings accepted: one value of one signal.', ({ ingest }) => [
        [ingest.readings],
    ]),
    declare('counter', 'readings_rejected_total', ['reason'], 'Messages, rows or readings left out, by reason; nothing else is lost with them.', function* ({ ingest }) {
        for (const [i, [reason]] of readingRejections.entries())
            yield [ingest.rejected[i] ?? 0, reason];
    }),
    declare('counter', 'readings_superseded_total', [], 'Readings that gave way to a newer one of their signal within the same frame.', ({ ingest }) => [[ingest.surplus]]),
    declare('gauge', 'last_reading_timestamp_seconds', ['asset', 'bundle'], 'When any signal of the asset was last heard of, by our clock.', function* ({ bundles }) {
        for (const bundle of bundles)
            for (const [slot, asset] of bundle.assets.entries()) {
                const seen = bundle.lastSeenMs(slot);
                if (!Number.isNaN(seen))
                    yield [seen / 1000, asset, bundle.name];
            }
    }),
    declare('gauge', 'assets', ['bundle'], 'Assets taken up.', perBundle((bundle) => bundle.assets.length)),
    declare('gauge', 'assets_by_mode', ['bundle', 'mode'], 'Assets that have been scored, by mode.', function* (s) {
        for (const bundle of s.bundles) {
            const counts = modes.map(() => 0);
            for (const slot of bundle.assets.keys())
                if (bundle.latest.has(slot)) {
                    const mode = bundle.latest.mode[slot] ?? 0;
                    counts[mode] = (counts[mode] ?? 0) + 1;
                }
            for (const [i, mode] of modes.entries())
                yield [counts[i] ?? 0, bundle.name, mode];
        }
    }),
    declare('counter', 'frames_total', ['bundle'], 'Frames made of readings.', perBundle((bundle) => bundle.lane.frames)),
    declare('counter', 'frames_scored_total', ['bundle'], 'Frames scored by all detectors of their bundle.', perBundle((bundle) => bundle.lane.scored)),
    declare('counter', 'frames_dropped_total', ['bundle', 'reason'], 'Frames not scored. overload: gave way to a newer frame of their asset; restart: under way when the scoring thread died.', function* ({ bundles }) {
        for (const { name, lane } of bundles)
            for (const [reason, dropped] of Object.entries(lane.dropped))
                yield [dropped, name, reason];
    }),
    declare('gauge', 'frames_underway', ['bundle'], 'Frames whose results are not back.', perBundle((bundle) => bundle.lane.underway)),
    declare('histogram', 'inference_duration_seconds', ['bundle'], 'Time to score one batch of frames.', perBundle((bundle) => bundle.lane.inferenceS)),
    declare('histogram', 'batch_frames', ['bundle'], 'Frames scored in one batch.', perBundle((bundle) => bundle.lane.batchSize)),
    declare('histogram', 'latency_seconds', ['bundle'], 'From the arrival of the reading that completed a frame to its result.', perBundle((bundle) => bundle.latencyS)),
    declare('counter', 'worker_restarts_total', [], 'Deaths of the scoring thread.', ({ worker }) => [[worker.restarts]]),
    declare('gauge', 'severity', ['asset', 'bundle'], 'Severity of the newest frame; 1 is the alarm threshold.', perAsset(({ latest }, slot) => latest.severity[slot] ?? 0)),
    declare('gauge', 'alarm_level_ratio', ['asset', 'bundle'], 'Alarm level of the asset over that of its bundle, where it was calibrated anew.', function* ({ bundles }) {
        for (const { name, assets, level } of bundles)
            for (const [slot, asset] of assets.entries())
                if (level(slot) !== 1)
                    yield [level(slot), asset, name];
    }),
    declare('gauge', 'detector_severity', ['asset', 'bundle', 'detector'], 'Severity of the newest frame in the eyes of one detector.', function* ({ bundles }) {
        for (const { name, latest, detectors, assets } of bundles)
            for (const [slot, asset] of assets.entries())
                if (latest.has(slot))
                    for (const [d, detector] of detectors.entries())
                        yield [latest.detector[slot * detectors.length + d] ?? 0, asset, name, detector];
    }),
    declare('gauge', 'signal_actual', ['asset', 'bundle', 'signal'], 'Newest value of the signal, in its unit; NaN = missing.', perSignal(({ latest }, i) => latest.actual[i] ?? Number.NaN)),
    declare('gauge', 'signal_expected', ['asset', 'bundle', 'signal'], 'What the detector that is surprised most expected, in the unit of the signal.', perSignal(({ latest }, i) => latest.expected[i] ?? Number.NaN)),
    declare('gauge', 'signal_contribution_ratio', ['asset', 'bundle', 'signal'], "The signal's share of the evidence, 0 to 1.", perSignal(({ latest }, i) => latest.contribution[i] ?? 0)),
    declare('gauge', 'signal_healthy', ['asset', 'bundle', 'signal'], '1 while the sensor looks healthy, 0 while it is left out of scoring.', perSignal(({ latest }, i) => (healthStates[latest.health[i] ?? 0] === 'pass' ? 1 : 0))),
    declare('gauge', 'alarms_active', ['type', 'band'], 'Alarms that are active.', function* ({ alarms }) {
        for (const { type, band, count } of alarms.active())
            yield [count, type, band];
    }),
    declare('counter', 'alerts_total', ['type', 'event'], 'Alerts sent, by what happened.', function* ({ alarms }) {
        for (const { type, event, count } of alarms.alerts())
            yield [count, type, event];
    }),
    declare('gauge', 'assets_silent', [], 'Assets that have fallen silent while the broker was there.', ({ silent }) => [
        [silent],
    ]),
    declare('gauge', 'plant_silent', [], '1 while connected, but nothing comes in from any asset.', ({ allSilent }) => [
        [allSilent ? 1 : 0],
    ]),
    declare('counter', 'input_messages_total', ['input'], 'Messages by input of the config.', function* ({ inputs }) {
        for (const { topic, messages } of inputs.views)
            yield [messages, topic];
    }),
    declare('gauge', 'input_last_message_timestamp_seconds', ['input'], 'When the newest message of the input came, by our clock.', function* ({ inputs }) {
        for (const { topic, lastMs } of inputs.views)
            if (!Number.isNaN(lastMs))
                yield [lastMs / 1000, topic];
    }),
    declare('gauge', 'inputs_silent', [], 'Inputs on which nothing comes in though we are connected.', ({ inputs }) => [
        [inputs.views.filter(({ silent }) => silent).length],
    ]),
    declare('gauge', 'subscriptions_refused', [], 'Subscriptions that the broker refuses.', ({ broker }) => [
        [broker.refused.size],
    ]),
    declare('counter', 'resubscriptions_total', [], 'Times the subscriptions were asked for anew as nothing came in.', ({ inputs }) => [[inputs.resubscriptions]]),
    declare('counter', 'alertmanager_pushes_total', [], 'Pushes to Alertmanager tried.', ({ alertmanager }) => alertmanager === undefined ? [] : [[alertmanager.pushes]]),
    declare('counter', 'alertmanager_failures_total', [], 'Pushes that Alertmanager did not take.', ({ alertmanager }) => alertmanager === undefined ? [] : [[alertmanager.failures]]),
    declare('gauge', 'outbox_messages', [], 'Messages that the broker has not acknowledged yet.', ({ outbox }) => [
        [outbox.size],
    ]),
    declare('counter', 'outbox_published_total', [], 'Messages that the broker has acknowledged.', ({ outbox }) => [
        [outbox.published],
    ]),
    declare('counter', 'outbox_dropped_total', [], 'Alerts lost because too many waited for the broker.', ({ outbox }) => [[outbox.dropped]]),
    declare('gauge', 'config_reload_success', [], '1 if the config on disk is in force.', ({ reload }) => [
        [reload.ok ? 1 : 0],
    ]),
    declare('gauge', 'config_reload_timestamp_seconds', [], 'When a config was last put in force.', ({ reload }) => [
        [reload.timeMs / 1000],
    ]),
];
