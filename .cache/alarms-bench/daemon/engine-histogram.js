/** A histogram of plain numbers in an array that two threads may share: one writes, the other reads at each scrape. */
export class Histogram {
    bounds;
    buffer;
    /** [bounds + 1] counts, then the sum. */
    cells;
    /** @param bounds upper bounds, rising; values above the last have a bucket of their own */
    constructor(bounds, buffer = new SharedArrayBuffer(8 * (bounds.length + 2))) {
        this.bounds = bounds;
        this.buffer = buffer;
        this.cells = new Float64Array(buffer);
    }
    observe(value) {
        const { bounds, cells } = this;
        let i = 0;
        while (i < bounds.length && value > (bounds[i] ?? 0))
            i++;
        cells[i] = (cells[i] ?? 0) + 1;
        const sum = bounds.length + 1;
        cells[sum] = (cells[sum] ?? 0) + value;
    }
    /** Cumulative counts as Prometheus wants them: one a bound, then all (`+Inf`). */
    read() {
        let count = 0;
        const cumulative = Array.from(this.cells.subarray(0, this.bounds.length + 1), (n) => {
            count += n;
            return count;
        });
        return { cumulative, sum: this.cells[this.bounds.length + 1] ?? 0 };
    }
}
