/** What a config makes of the machines: inputs, assets and lines. A reload makes a new one that takes over the lines that stay the same. */
import { loadBundle } from '../model/bundle.js';
import { Assets } from './assets.js';
import { Ingest } from './ingest.js';
import { Line } from './line.js';
export class Plant {
    options;
    lines;
    assets;
    ingest;
    arrivalMs = 0;
    /** Who spoke last, and when. */
    spoke = { bundle: -1, slot: -1, nowMs: 0 };
    constructor(options, 
    /** In the order of the config's bundles. */
    lines, assets) {
        this.options = options;
        this.lines = lines;
        this.assets = assets;
        const { config, counters, onInput } = options;
        this.ingest = new Ingest({
            config,
            bundles: lines.map(({ options: { config, bundle } }) => ({
                name: config.name,
                channels: bundle.manifest.channels,
            })),
            assets,
            counters,
            onInput,
            sink: (bundle, slot, channel, timeMs, value, nowMs) => {
                this.noteSeen(bundle, slot, nowMs);
                return lines[bundle].add(slot, channel, timeMs, value, nowMs, this.arrivalMs);
            },
        });
    }
    /**
     * Opens what is new and keeps what `before` has open and this config leaves alone, with its assets and their memory.
     * Nothing of `before` is closed or changed.
     * @throws UserError for a bundle that does not hold; what was opened for it is closed again
     */
    static async open(options, before) {
        const { config } = options;
        const bundles = await Promise.all(config.bundles.map(({ path }) => loadBundle(path)));
        const kept = bundles.map((bundle, i) => before?.lines.find((line) => {
            const entry = config.bundles[i];
            return entry !== undefined && line.serves(entry, config.alignment, bundle);
        }));
        const fresh = [];
        try {
            const lines = [];
            for (const [i, entry] of config.bundles.entries()) {
                const line = kept[i] ?? (await openLine(options, entry, bundles[i]));
                if (kept[i] === undefined)
                    fresh.push(line);
                lines.push(line);
            }
            const assets = takeOver(lines, options, before);
            return new Plant(options, lines, assets);
        }
        catch (error) {
            for (const line of fresh)
                line.close();
            throw error;
        }
    }
    /** Hot: one message from the broker. */
    message(topic, payload, retained) {
        const { clock } = this.options;
        this.arrivalMs = clock.monotonic();
        this.ingest.message(topic, payload, clock.now(), retained);
    }
    tick(nowMs) {
        const arrivalMs = this.options.clock.monotonic();
        for (const line of this.lines)
            line.tick(nowMs, arrivalMs);
    }
    flush() {
        const arrivalMs = this.options.clock.monotonic();
        for (const line of this.lines)
            line.flush(arrivalMs);
    }
    noteSeen(bundle, slot, nowMs) {
        const { spoke } = this;
        if (spoke.slot === slot && spoke.nowMs === nowMs && spoke.bundle === bundle)
            return;
        spoke.bundle = bundle;
        spoke.slot = slot;
        spoke.nowMs = nowMs;
        this.options.onSeen(bundle, slot, nowMs);
    }
    /** Closes the lines that `after` has not taken over. */
    close(after) {
        for (const line of this.lines)
            if (after === undefined || !after.lines.includes(line))
                line.close();
    }
}
function openLine(options, config, bundle) {
    const { engine, clock, onResults } = options;
    return Line.open({ config, alignment: options.config.alignment, bundle, engine, clock, onResults });
}
/** The assets of lines that stay keep their slots, as aligner and worker know them. */
function takeOver(lines, { onNewAsset }, before) {
    let known = false;
    const assets = new Assets(lines.map(({ options: { bundle, config } }) => ({
        channels: bundle.manifest.channels.length,
        maxAssets: config.maxAssets,
    })), (bundle, slot, name) => {
        if (known)
            onNewAsset(bundle, slot, name, lines[bundle]);
    });
    for (const [to, line] of lines.entries()) {
        const from = before?.lines.indexOf(line) ?? -1;
        if (before === undefined || from < 0)
            continue;
        for (const name of before.assets.names(from)) {
            const slot = assets.slot(to, name);
            for (let c = 0; c < line.options.bundle.manifest.channels.length; c++)
                assets.saw(to, slot, c, before.assets.lastSeenMs(from, slot, c));
        }
    }
    known = true;
    return assets;
}
