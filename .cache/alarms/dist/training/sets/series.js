/** One labelled recording of a benchmark: a normal prefix to fit on, and the rest to be judged. */
/** The columns of `names`, channel names `v1`, `v2`, ... where the files have none. */
export function numberedChannels(count) {
    return Array.from({ length: count }, (_, i) => `v${i + 1}`);
}
export function evenTimes(rows, periodMs) {
    return Float64Array.from({ length: rows }, (_, i) => (i * periodMs) / 1000);
}
//# sourceMappingURL=series.js.map