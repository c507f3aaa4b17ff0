const defaultRunFrames = 10;
/** Frames that should lie above the threshold, as far as `maxRate` allows. */
const wantedFrames = 1000;
const maxRate = 0.1;
/**
 * The statistic is a -ln p, so excesses of one that is calibrated well are exponential with mean 1: that counts as much as this many
 * peaks, which steadies the level where normal data are short.
 */
const priorPeaks = 4;
const priorScale = 1;
/** No budget sets the alarm where every third frame of normal operation would raise it. */
const minLevel = 1;
/**
 * Peaks over threshold, declustered by runs (Coles 2001, 5.3.2): frames above the threshold belong to one peak until `runFrames` in a row are not, or the
 * segment ends. Excesses of the peaks' maxima get an exponential tail, the default in the -ln p domain.
 * @param series alarm statistic of consecutive frames, one entry a segment
 */
export function fitPeaks(series, framesPerWeek, options = {}) {
    const runFrames = options.runFrames ?? defaultRunFrames;
    const frames = series.reduce((sum, segment) => sum + segment.length, 0);
    if (frames === 0)
        throw new RangeError('fitPeaks: no frames');
    const sorted = new Float32Array(frames);
    let filled = 0;
    for (const segment of series) {
        sorted.set(segment, filled);
        filled += segment.length;
    }
    sorted.sort();
    const rate = options.rate ?? Math.min(maxRate, wantedFrames / frames);
    const above = Math.min(frames - 1, Math.max(1, Math.round(rate * frames)));
    const threshold = sorted[frames - above - 1] ?? sorted[0];
    let peaks = 0;
    let total = 0;
    for (const segment of series) {
        let largest = 0;
        let below = runFrames;
        for (const value of segment) {
            if (value > threshold) {
                if (below >= runFrames) {
                    total += largest;
                    largest = 0;
                    peaks++;
                }
                below = 0;
                largest = Math.max(largest, value - threshold);
            }
            else {
                below++;
            }
        }
        total += largest;
    }
    return {
        frames,
        peaks,
        threshold,
        // Nothing seen in `frames` is still not never.
        peaksPerWeek: (Math.max(peaks, 0.5) / frames) * framesPerWeek,
        shape: 0,
        scale: (total + priorPeaks * priorScale) / (peaks + priorPeaks),
    };
}
/**
 * Level that is exceeded by at most `perWeek` independent peaks an asset-week, at least 1. It is extrapolated far beyond what short normal data show, so the
 * scale is taken at the upper end of what the peaks allow; with weeks of data nothing of that is left.
 */
export function alarmLevel(table, perWeek) {
    const log = Math.log(table.peaksPerWeek / perWeek);
    const excess = table.shape > 0 && log > 0 ? Math.expm1(table.shape * log) / table.shape : log;
    return Math.max(minLevel, table.threshold + (excess > 0 ? upperScale(table) : table.scale) * excess);
}
/** Independent peaks above `level` to expect an asset-week: the best estimate, and the upper end that `alarmLevel` keeps within the budget. */
export function expectedPerWeek(table, level, scale = table.scale) {
    const excess = (level - table.threshold) / scale;
    const log = table.shape > 0 && excess > 0 ? Math.log1p(table.shape * excess) / table.shape : excess;
    return table.peaksPerWeek * Math.exp(-log);
}
/** One-sided 90 % confidence limit of the scale; its standard error is scale / sqrt(peaks). */
export function upperScale({ scale, peaks }) {
    return scale * (1 + 1.2816 / Math.sqrt(peaks + priorPeaks));
}
//# sourceMappingURL=peaks.js.map