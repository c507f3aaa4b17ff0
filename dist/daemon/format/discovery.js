/** Keeps Home Assistant's discovery: which assets are announced, over restarts and changes of the config. */
import { gatewayAsset } from '../alarm/asset.js';
import { discoveryOf, undiscover } from './home-assistant.js';
/** Memo of an announced asset: the prefix that it is announced under. */
const memoPrefix = 'discovery/';
export class Discovery {
    options;
    /** Prefix by announced asset. */
    #announced = new Map();
    #prefix;
    constructor(options) {
        this.options = options;
        for (const [key, prefix] of options.memos)
            if (key.startsWith(memoPrefix) && typeof prefix === 'string')
                this.#announced.set(key.slice(memoPrefix.length), prefix);
    }
    /** `prefix` undefined = off. What is announced under another prefix is taken back. */
    configure(prefix, assets) {
        this.#prefix = prefix;
        for (const [asset, before] of [...this.#announced])
            if (before !== prefix)
                this.remove(asset);
        if (prefix !== undefined)
            for (const asset of [gatewayAsset, ...assets])
                this.add(asset);
    }
    /** Announces an asset, once. */
    add(asset) {
        const prefix = this.#prefix;
        if (prefix === undefined || this.#announced.has(asset))
            return;
        this.#announced.set(asset, prefix);
        this.options.put(this.#messages(asset, prefix), { [memoPrefix + asset]: prefix });
    }
    /** Takes an asset back. */
    remove(asset) {
        const prefix = this.#announced.get(asset);
        if (prefix === undefined)
            return;
        this.#announced.delete(asset);
        this.options.put(undiscover(this.#messages(asset, prefix)), { [memoPrefix + asset]: undefined });
    }
    /** Announces all anew: after a connection, and when Home Assistant comes up. */
    again() {
        for (const [asset, prefix] of this.#announced)
            this.options.put(this.#messages(asset, prefix), {});
    }
    /** Where Home Assistant says `online` when it comes up; undefined while discovery is off. */
    get statusTopic() {
        return this.#prefix === undefined ? undefined : `${this.#prefix}/status`;
    }
    #messages(asset, prefix) {
        const { gateway, version, topics } = this.options;
        return discoveryOf(asset, gateway, prefix, version, topics);
    }
}
//# sourceMappingURL=discovery.js.map