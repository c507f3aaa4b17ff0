/** Who has fallen silent although the broker is there: single assets, or the whole plant at once. Connected but silent. */
/** An asset is silent after this many of its usual intervals, */
const intervals = 10;
/** but not before this long. */
const leastMs = 60_000;
/** Signs of life before the interval is known. */
const learned = 5;
const slow = 0.02;
const quick = 0.3;
/** So many signs of life of others must be missing before the silence of one is taken for that of all. */
const missedByAll = 5;
/**
 * Watches assets by bundle and slot. While we are not connected nobody can be heard, so nobody is silent; after a connection, and after a silence of all,
 * each has its full time again. A silence of one is that of all when nobody else was heard either during the later half of its patience, although at least
 * `missedByAll` messages were to be expected: then the network or the broker is to blame, and one alarm says so instead of one an asset.
 */
export class Freshness {
    options;
    #bundles = [];
    #connectedMs;
    /** Since when all may be expected to be heard. */
    #expectedMs = Number.NEGATIVE_INFINITY;
    #all;
    /** `all`: all were silent before, as the last one who watched knew. */
    constructor(options, all = false) {
        this.options = options;
        this.#all = all;
    }
    /** Watches an asset from now on, also one that has not spoken yet. `periodMs`: its frame period, the interval until it is learned. */
    watch(bundle, slot, periodMs, staleAfterMs, silent = false) {
        this.#bundles[bundle] ??= [];
        const slots = this.#bundles[bundle];
        const silence = silent ? 'alone' : 'none';
        if (slots !== undefined)
            slots[slot] = { lastMs: Number.NEGATIVE_INFINITY, usualMs: periodMs, seen: 0, silence, staleAfterMs };
    }
    /** No longer watches an asset. */
    unwatch(bundle, slot) {
        const slots = this.#bundles[bundle];
        if (slots !== undefined)
            slots[slot] = undefined;
    }
    /** Sets when a watched asset counts as silent; 0 = learn it. */
    limit(bundle, slot, staleAfterMs) {
        const watched = this.#bundles[bundle]?.[slot];
        if (watched !== undefined)
            watched.staleAfterMs = staleAfterMs;
    }
    /** An asset spoke; false when nobody watches it. Hot: no allocation. */
    seen(bundle, slot, nowMs) {
        const watched = this.#bundles[bundle]?.[slot];
        if (watched === undefined)
            return false;
        if (this.#all)
            this.#allSpeak(nowMs);
        const gapMs = nowMs - watched.lastMs;
        if (watched.silence !== 'none') {
            const alone = watched.silence === 'alone';
            watched.silence = 'none';
            this.options.onChange(bundle, slot, null, null, alone);
        }
        else if (watched.lastMs > 0 && gapMs > 0) {
            // Several messages of one instant are one sign of life; a gap through our own absence teaches nothing.
            const heard = this.#connectedMs !== undefined && watched.lastMs >= this.#since(this.#connectedMs);
            if (heard)
                watched.usualMs += (gapMs > watched.usualMs ? quick : slow) * (gapMs - watched.usualMs);
            if (heard)
                watched.seen++;
        }
        watched.lastMs = nowMs;
        return true;
    }
    connected(nowMs) {
        this.#connectedMs = nowMs;
    }
    disconnected() {
        this.#connectedMs = undefined;
    }
    /** Looks for assets that have fallen silent; call it about once a second. */
    tick(nowMs) {
        const connectedMs = this.#connectedMs;
        if (connectedMs === undefined)
            return;
        const expectedMs = this.#since(connectedMs);
        this.#bundles.forEach((slots, bundle) => {
            slots.forEach((watched, slot) => {
                if (watched === undefined || watched.silence === 'alone')
                    return;
                if (watched.silence === 'with-all' && this.#all)
                    return;
                const sinceMs = Math.max(watched.lastMs, expectedMs);
                if (nowMs - sinceMs < patienceMs(watched))
                    return;
                if (!this.#all && this.#areAllSilent(watched, expectedMs, nowMs)) {
                    this.#all = true;
                    this.options.onAll?.(this.#lastMs() > 0 ? this.#lastMs() : connectedMs);
                }
                watched.silence = this.#all ? 'with-all' : 'alone';
                const usualMs = watched.seen >= learned ? watched.usualMs : null;
                this.options.onChange(bundle, slot, watched.lastMs > 0 ? watched.lastMs : sinceMs, usualMs, !this.#all);
            });
        });
    }
    /** Assets that are silent. */
    get silent() {
        let count = 0;
        for (const watched of this.#each())
            if (watched.silence !== 'none')
                count++;
        return count;
    }
    /** All are silent. */
    get all() {
        return this.#all;
    }
    /** When one was last heard; -Infinity = not yet. */
    lastMs(bundle, slot) {
        return this.#bundles[bundle]?.[slot]?.lastMs ?? Number.NEGATIVE_INFINITY;
    }
    /** Undefined for one that is not watched. */
    isSilent(bundle, slot) {
        const watched = this.#bundles[bundle]?.[slot];
        return watched && watched.silence !== 'none';
    }
    *#each() {
        for (const slots of this.#bundles)
            for (const watched of slots ?? [])
                if (watched !== undefined)
                    yield watched;
    }
    #since(connectedMs) {
        return Math.max(connectedMs, this.#expectedMs);
    }
    #lastMs() {
        let last = Number.NEGATIVE_INFINITY;
        for (const { lastMs } of this.#each())
            last = Math.max(last, lastMs);
        return last;
    }
    #areAllSilent(one, expectedMs, nowMs) {
        if (this.options.onAll === undefined)
            return false;
        const half = patienceMs(one) / 2;
        if (nowMs - expectedMs < half)
            return false;
        let missed = 0;
        for (const other of this.#each()) {
            if (other === one || other.silence !== 'none')
                continue;
            if (nowMs - other.lastMs < half)
                return false;
            missed += half / Math.max(other.usualMs, 1);
        }
        return missed >= missedByAll;
    }
    #allSpeak(nowMs) {
        this.#all = false;
        this.#expectedMs = nowMs;
        this.options.onAll?.(null);
    }
}
function patienceMs({ staleAfterMs, usualMs }) {
    return staleAfterMs > 0 ? staleAfterMs : Math.max(leastMs, intervals * usualMs);
}
//# sourceMappingURL=freshness.js.map