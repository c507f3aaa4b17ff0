/** Runs of 1 in a row of labels or verdicts: what every event-wise measure counts. */
/** Maximal runs of non-zero entries; runs separated by at most `gap` zeros count as one. */
export function runsOf(flags, gap = 0) {
    const runs = [];
    let start = -1;
    for (let i = 0; i <= flags.length; i++) {
        const on = i < flags.length && flags[i] > 0;
        if (on && start < 0)
            start = i;
        if (on || start < 0)
            continue;
        const last = runs[runs.length - 1];
        if (last !== undefined && start - last.end - 1 <= gap)
            runs[runs.length - 1] = { start: last.start, end: i - 1 };
        else
            runs.push({ start, end: i - 1 });
        start = -1;
    }
    return runs;
}
//# sourceMappingURL=runs.js.map