export const nabProfiles = {
    standard: { tp: 1, fn: 1, fp: 0.11 },
    lowFp: { tp: 1, fn: 1, fp: 0.22 },
    lowFn: { tp: 1, fn: 2, fp: 0.11 },
};
/** Scaled sigmoid: 1 well before the window's end, 0 at it, -1 far behind. */
function sigmoid(x) {
    return x > 3 ? -1 : 2 / (1 + Math.exp(5 * x)) - 1;
}
const maxGain = sigmoid(-1);
/** Rows at a file's start that are not scored: 15 %, 750 at most. */
export function probationRows(rows) {
    return Math.min(Math.floor(0.15 * rows), 750);
}
/** All scorable rows of all files. */
export class NabCorpus {
    #rows = [];
    /** Windows with a scorable row; what can be missed. */
    #reachable = 0;
    #windows = 0;
    add({ scores, windows }) {
        const first = probationRows(scores.length);
        let k = -1;
        let window = -1;
        let countedFor = -1;
        for (let i = 0; i < scores.length; i++) {
            while (k + 1 < windows.length && i >= windows[k + 1].start)
                k++;
            const current = windows[k];
            const inside = current !== undefined && i <= current.end;
            if (i < first)
                continue;
            if (inside && countedFor !== k) {
                countedFor = k;
                window = this.#reachable++;
            }
            this.#rows.push({ score: scores[i], gain: unitGain(i, current, inside), window: inside ? window : -1 });
        }
        this.#windows += windows.length;
    }
    /** Raw score with detections at `score >= threshold`. */
    raw(threshold, profile) {
        const best = new Float64Array(this.#reachable).fill(-profile.fn);
        let outside = 0;
        for (const { score, gain, window } of this.#rows) {
            if (score < threshold)
                continue;
            if (window < 0)
                outside += gain;
            else
                best[window] = Math.max(best[window], gain * profile.tp);
        }
        return best.reduce((a, b) => a + b, 0) + profile.fp * outside;
    }
    /** The benchmark's own rule: the threshold that maximises the profile's raw score (it looks at the labels). */
    optimise(profile) {
        const rows = [...this.#rows].sort((a, b) => b.score - a.score);
        const best = new Float64Array(this.#reachable).fill(-profile.fn);
        let raw = -profile.fn * this.#reachable;
        let found = { raw, threshold: Number.POSITIVE_INFINITY };
        rows.forEach(({ score, gain, window }, i) => {
            if (window < 0)
                raw += profile.fp * gain;
            else if (gain * profile.tp > best[window]) {
                raw += gain * profile.tp - best[window];
                best[window] = gain * profile.tp;
            }
            if (rows[i + 1]?.score !== score && raw > found.raw)
                found = { raw, threshold: score };
        });
        return found;
    }
    /** 0 = says nothing, 100 = perfect. */
    normalise(raw, profile) {
        const silent = -profile.fn * this.#reachable;
        return (100 * (raw - silent)) / (profile.tp * this.#windows - silent);
    }
}
/** `last` is the newest window that began at or before row i. */
function unitGain(i, last, inside) {
    if (last === undefined)
        return -1;
    const width = last.end - last.start + 1;
    return inside ? sigmoid(-(last.end - i + 1) / width) / maxGain : sigmoid((i - last.end) / (width - 1));
}
