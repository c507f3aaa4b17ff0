/** Point-wise confusion counts, pooled over files, and the rates SKAB's leaderboard reports. */
/** Counts of one file; `labels` and `verdicts` are 0 or 1 and equally long. */
export function confusionOf(labels, verdicts) {
    if (labels.length !== verdicts.length)
        throw new RangeError(`${labels.length} labels but ${verdicts.length} verdicts`);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < labels.length; i++) {
        const k = (labels[i] === 1 ? 2 : 0) + (verdicts[i] === 1 ? 1 : 0);
        counts[k] = counts[k] + 1;
    }
    const [tn, fp, fn, tp] = counts;
    return { tp, tn, fp, fn };
}
export function addConfusion(a, b) {
    return { tp: a.tp + b.tp, tn: a.tn + b.tn, fp: a.fp + b.fp, fn: a.fn + b.fn };
}
/** F1 in 0..1 (1 where nothing was to be found and nothing was said), false-alarm and missed-alarm rate in per cent. */
export function rates({ tp, tn, fp, fn }) {
    return {
        f1: tp + fp + fn === 0 ? 1 : tp / (tp + (fp + fn) / 2),
        far: (100 * fp) / Math.max(fp + tn, 1),
        mar: (100 * fn) / Math.max(fn + tp, 1),
    };
}
//# sourceMappingURL=confusion.js.map