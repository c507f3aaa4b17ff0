/** All windows of `length` frames, `stride` apart, aligned to each segment's end so that the newest frames are in. */
export function cutWindows(frames, channels, length, stride) {
    const starts = frames.flatMap(({ n }, segment) => {
        const count = n < length ? 0 : Math.floor((n - length) / stride) + 1;
        return Array.from({ length: count }, (_, k) => ({ segment, at: n - length - (count - 1 - k) * stride }));
    });
    return { frames, channels, length, starts };
}
/** @param random spoils the input; without it the input is what was recorded */
export function gather(set, rows, spoiling, random) {
    const { channels: C, length: L } = set;
    const input = new Float32Array(rows.length * L * 2 * C);
    const target = new Float32Array(rows.length * L * C);
    const weight = new Float32Array(rows.length * L * C);
    const dropped = new Uint8Array(C);
    rows.forEach((row, b) => {
        const { segment, at } = set.starts[row];
        const { values, known } = set.frames[segment];
        const from = at * C;
        target.set(values.subarray(from, from + L * C), b * L * C);
        weight.set(known.subarray(from, from + L * C), b * L * C);
        for (let c = 0; c < C; c++)
            dropped[c] = random?.chance(spoiling.dropSignal) ? 1 : 0;
        for (let t = 0; t < L; t++) {
            for (let c = 0; c < C; c++) {
                const source = from + t * C + c;
                if (known[source] === 0 || dropped[c] === 1 || random?.chance(spoiling.dropValue))
                    continue;
                const i = (b * L + t) * 2 * C + c;
                input[i] = values[source] + (random && spoiling.noise > 0 ? random.normal(0, spoiling.noise) : 0);
                input[i + C] = 1;
            }
        }
    });
    return { size: rows.length, input, target, weight };
}
//# sourceMappingURL=windows.js.map