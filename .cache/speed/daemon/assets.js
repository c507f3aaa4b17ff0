/** The assets known so far, bundle by bundle: name <-> dense slot, and when each signal was last heard of. */
/** Why an asset has no slot. */
export const refusals = { badName: -1, tooMany: -2 };
const maxNameLength = 128;
/** `bridge` is taken by our own topics; the rest keeps a name one level of a topic. */
export function isAssetName(name) {
    return name !== '' && name !== 'bridge' && name.length <= maxNameLength && !/[/+#\p{Cc}]/u.test(name);
}
/** Slots count up from 0 in order of first sight and are never reused. Bundles go by their index in the config. */
export class Assets {
    onNew;
    #bundles;
    constructor(bundles, 
    /** Told of each asset when it is taken up. */
    onNew = () => { }) {
        this.onNew = onNew;
        this.#bundles = bundles.map((limits) => ({
            limits,
            slots: new Map(),
            names: [],
            seenMs: new Float64Array(16 * limits.channels).fill(Number.NaN),
        }));
    }
    /** The asset's slot, taken up if it is new; `refusals.badName` or `refusals.tooMany` where it can't be. */
    slot(bundle, name) {
        const assets = this.#at(bundle);
        const known = assets.slots.get(name);
        if (known !== undefined)
            return known;
        if (!isAssetName(name))
            return refusals.badName;
        const slot = assets.names.length;
        if (slot >= assets.limits.maxAssets)
            return refusals.tooMany;
        assets.slots.set(name, slot);
        assets.names.push(name);
        const needed = (slot + 1) * assets.limits.channels;
        if (needed > assets.seenMs.length) {
            const grown = new Float64Array(2 * needed).fill(Number.NaN);
            grown.set(assets.seenMs);
            assets.seenMs = grown;
        }
        this.onNew(bundle, slot, name);
        return slot;
    }
    /** The slot of a known asset. */
    find(bundle, name) {
        return this.#at(bundle).slots.get(name);
    }
    /** Throws for a slot that was never given out: that is a bug. */
    name(bundle, slot) {
        const name = this.#at(bundle).names[slot];
        if (name === undefined)
            throw new RangeError(`bundle ${bundle} has no slot ${slot}`);
        return name;
    }
    /** Names by slot. */
    names(bundle) {
        return this.#at(bundle).names;
    }
    count(bundle) {
        return this.#at(bundle).names.length;
    }
    /** Notes that a signal was heard of. */
    saw(bundle, slot, channel, nowMs) {
        const assets = this.#at(bundle);
        assets.seenMs[slot * assets.limits.channels + channel] = nowMs;
    }
    /** When the signal was last heard of, by our clock; NaN = never. */
    lastSeenMs(bundle, slot, channel) {
        const assets = this.#at(bundle);
        return assets.seenMs[slot * assets.limits.channels + channel] ?? Number.NaN;
    }
    /** When any signal of the asset was last heard of; NaN = never. */
    assetLastSeenMs(bundle, slot) {
        const { seenMs, limits } = this.#at(bundle);
        let newest = Number.NaN;
        for (let i = slot * limits.channels; i < (slot + 1) * limits.channels; i++) {
            const seen = seenMs[i] ?? Number.NaN;
            if (!(newest >= seen) && !Number.isNaN(seen))
                newest = seen;
        }
        return newest;
    }
    #at(bundle) {
        const assets = this.#bundles[bundle];
        if (assets === undefined)
            throw new RangeError(`there is no bundle ${bundle}`);
        return assets;
    }
}
