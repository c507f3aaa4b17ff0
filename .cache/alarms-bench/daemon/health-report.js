/** Puts together `bridge/health` from what others count; the shape of zigbee2mqtt. */
import { freemem, loadavg, totalmem } from 'node:os';
/** How often `bridge/health` is published. */
export const healthIntervalMs = 600_000;
/** Assets listed one by one; with more of them the message would be of no use to anyone. */
const listedAssets = 500;
const mebibyte = 1_048_576;
export function healthReport(facts, nowMs) {
    const total = totalmem();
    const own = process.memoryUsage.rss();
    const used = total - freemem();
    const uptimeS = Math.max(facts.uptimeS, 1);
    const states = facts.alarms.map(({ state }) => state);
    const inState = (...wanted) => states.filter((state) => wanted.includes(state)).length;
    return {
        response_time: nowMs,
        os: {
            load_average: loadavg().map(round),
            memory_used_mb: round(used / mebibyte),
            memory_percent: percent(used, total),
        },
        process: {
            uptime_sec: Math.floor(facts.uptimeS),
            memory_used_mb: round(own / mebibyte),
            memory_percent: percent(own, total),
        },
        mqtt: {
            connected: facts.connected,
            queued: facts.queued,
            received: facts.received,
            published: facts.published,
            dropped: facts.dropped,
        },
        devices: Object.fromEntries([...facts.frames]
            .slice(0, listedAssets)
            .map(([asset, messages]) => [asset, { messages, messages_per_sec: round(messages / uptimeS) }])),
        anomalyd: {
            version: facts.version,
            gateway: facts.gateway,
            config: facts.configHash,
            bundles: facts.bundles.map(({ name, version, hash, assets }) => ({ name, version, hash, assets })),
            assets: { known: facts.frames.size, offline: facts.offline },
            alarms: {
                active: inState('active'),
                acknowledged: inState('acknowledged'),
                unacknowledged: inState('cleared-unacknowledged'),
                silenced: inState('shelved', 'suppressed', 'out-of-service'),
            },
            frames: [...facts.frames.values()].reduce((a, b) => a + b, 0),
            rejected: facts.rejected,
        },
    };
}
function percent(part, whole) {
    return round((100 * part) / whole);
}
function round(value) {
    return Math.round(value * 100) / 100;
}
