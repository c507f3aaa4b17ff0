/** The median, with the mean of the two middle values for an even count. */
export function median(values) {
    if (values.length === 0)
        throw new RangeError('the median of nothing');
    const sorted = Float64Array.from(values).sort();
    const middle = sorted.length >> 1;
    const upper = sorted[middle];
    return sorted.length % 2 === 1 ? upper : (sorted[middle - 1] + upper) / 2;
}
//# sourceMappingURL=median.js.map