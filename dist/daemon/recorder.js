import { Assets } from './assets.js';
import { Ingest, ingestCounters } from './ingest.js';
const maxAssets = 100_000;
/** The readings of one row of a message become one row of the recording. Bundles need not be there yet: their names only keep inputs apart. */
export class Recorder {
    write;
    counters = ingestCounters();
    /** Signals in order of first sight. */
    signals = [];
    rows = 0;
    #assets;
    #ingest;
    #slot = -1;
    #timeMs = 0;
    #values = {};
    constructor(config, write) {
        this.write = write;
        // All inputs fill one recording, so they share the assets of one bundle. The sink keeps the last seen of no signal.
        this.#assets = new Assets([{ channels: 0, maxAssets }]);
        const inputs = config.inputs.map((input) => ({ ...input, bundle: '' }));
        for (const { values } of inputs)
            if (typeof values === 'object')
                for (const name of Object.keys(values))
                    this.#learn(name);
        this.#ingest = new Ingest({
            config: { ...config, inputs },
            bundles: [{ name: '', channels: this.signals.map((name) => ({ name })) }],
            assets: this.#assets,
            counters: this.counters,
            learn: (_, name) => this.#learn(name),
            sink: (_, slot, channel, timeMs, value) => {
                const name = this.signals[channel] ?? '';
                if (slot !== this.#slot || timeMs !== this.#timeMs || Object.hasOwn(this.#values, name))
                    this.#flush();
                this.#slot = slot;
                this.#timeMs = timeMs;
                this.#values[name] = value;
                return 'accepted';
            },
        });
    }
    get assets() {
        return this.#assets.names(0);
    }
    message(topic, payload, nowMs, retained) {
        this.#ingest.message(topic, payload, nowMs, retained);
        this.#flush();
    }
    #learn(name) {
        const known = this.signals.indexOf(name);
        return known >= 0 ? known : this.signals.push(name) - 1;
    }
    #flush() {
        if (this.#slot < 0)
            return;
        this.rows++;
        this.write({ asset: this.#assets.name(0, this.#slot), timeMs: this.#timeMs, values: this.#values });
        this.#slot = -1;
        this.#values = {};
    }
}
//# sourceMappingURL=recorder.js.map