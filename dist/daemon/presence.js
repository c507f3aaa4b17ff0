import { gatewayAsset } from './alarm/asset.js';
import { resolveSettings } from './alarm/settings.js';
import { alarmTypes } from './alarm/state.js';
import { Freshness } from './freshness.js';
const memoPrefix = 'asset/';
export class Presence {
    options;
    freshness;
    plant;
    config;
    restoring = false;
    constructor(options) {
        this.options = options;
        this.freshness = this.newFreshness();
    }
    /** Assets that are silent. */
    get silent() {
        return this.freshness.silent;
    }
    /** All are. */
    get allSilent() {
        return this.freshness.all;
    }
    /** Takes a plant, the first one or another after a reload, and has it take up the assets that are known. */
    setPlant(plant, config) {
        const { isConnected, clock, publisher } = this.options;
        this.plant = plant;
        this.config = config;
        this.restoring = true;
        for (const [index, line] of plant.lines.entries())
            for (const asset of this.known(line))
                plant.assets.slot(index, asset);
        this.restoring = false;
        const stale = this.staleAssets();
        this.freshness = this.newFreshness(stale.has(gatewayAsset));
        if (isConnected())
            this.freshness.connected(clock.now());
        for (const [index, line] of plant.lines.entries())
            for (const [slot, asset] of plant.assets.names(index).entries()) {
                this.watch(index, slot, asset, line, stale.has(asset));
                publisher.availability(asset, stale.has(asset) ? 'offline' : 'online');
            }
    }
    /** An asset that nobody knew has spoken; false while those that are known are taken up. */
    newAsset(bundle, slot, asset, line) {
        if (this.restoring)
            return false;
        const stale = this.staleAssets().has(asset);
        this.watch(bundle, slot, asset, line, stale);
        this.options.publisher.put([], { [memoKey(line, asset)]: true });
        if (!stale)
            this.options.publisher.availability(asset, 'online');
        return true;
    }
    /** Hot: an asset spoke; false when it was removed before. */
    seen(bundle, slot, nowMs) {
        return this.freshness.seen(bundle, slot, nowMs);
    }
    connected(nowMs) {
        this.freshness.connected(nowMs);
    }
    disconnected() {
        this.freshness.disconnected();
    }
    tick(nowMs) {
        this.freshness.tick(nowMs);
    }
    /** Forgets an asset that is gone for good, with its alarms and all that is retained of it; or says why not. */
    remove(asset) {
        const { alarms, publisher } = this.options;
        const places = (this.plant?.lines ?? []).flatMap((line, bundle) => {
            const slot = this.plant?.assets.find(bundle, asset);
            const silent = slot === undefined ? undefined : this.freshness.isSilent(bundle, slot);
            return slot === undefined || silent === undefined ? [] : [{ line, bundle, slot, silent }];
        });
        const known = places.length > 0 || alarms.standing(asset) !== undefined;
        if (!known)
            return `unknown asset ${JSON.stringify(asset)}`;
        if (places.some(({ silent }) => !silent))
            return `${asset} is heard, or was lately; it can be removed when it is offline`;
        for (const { line, bundle, slot } of places) {
            this.freshness.unwatch(bundle, slot);
            publisher.put([], { [memoKey(line, asset)]: undefined });
        }
        alarms.remove(asset);
        publisher.remove(asset, alarmTypes);
        return undefined;
    }
    known(line) {
        const prefix = memoKey(line, '');
        return [...this.options.memos.keys()]
            .filter((key) => key.startsWith(prefix))
            .map((key) => key.slice(prefix.length));
    }
    staleAssets() {
        const open = this.options.alarms.snapshot().filter(({ type, state }) => type === 'data-stale' && state.open);
        return new Set(open.map(({ asset }) => asset));
    }
    newFreshness(all = false) {
        const { alarms, publisher, clock } = this.options;
        const onChange = (bundle, slot, sinceMs, usualMs, alone) => {
            const asset = this.plant?.assets.name(bundle, slot);
            if (asset === undefined)
                return;
            publisher.availability(asset, sinceMs === null ? 'online' : 'offline');
            if (alone)
                alarms.silent(bundle, slot, sinceMs, usualMs, clock.now());
        };
        const onAll = (sinceMs) => {
            const assets = new Set((this.plant?.lines ?? []).flatMap((_, i) => this.plant?.assets.names(i) ?? []));
            alarms.allSilent(sinceMs, assets.size, clock.now());
        };
        return new Freshness({ onChange, onAll }, all);
    }
    watch(bundle, slot, asset, line, silent) {
        if (this.config === undefined)
            return;
        const { periodMs } = line.options.bundle.manifest;
        const { staleAfterMs } = resolveSettings(this.config.alarms, asset, line.options.config.name, periodMs);
        this.freshness.watch(bundle, slot, periodMs, staleAfterMs, silent);
    }
}
/** Asset names hold no `/`, so the key says which is which. */
function memoKey({ options: { config } }, asset) {
    return `${memoPrefix}${config.name}/${asset}`;
}
//# sourceMappingURL=presence.js.map