/**
 * Volume under the precision-recall surface (VUS-PR; Paparrizos et al., VLDB 2022, doi 10.14778/3551793.3551830) and average precision.
 *
 * For each buffer length l = 0..L labels are softened to sqrt(1 - d/l) at distance d = 1..l/2 outside an event; recall is weighted by the
 * share of (buffered) events that the threshold touches; VUS-PR is the mean over l of the area under the curve.
 */
import { runsOf } from './runs.js';
/** Order of rows by falling score; ties keep their row order. */
function descending(scores) {
    return Int32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
}
function softLabels(labels, events, l) {
    const soft = Float64Array.from(labels);
    const half = Math.floor(l / 2);
    for (const { start, end } of events)
        for (let d = 1; d <= half; d++) {
            const weight = Math.sqrt(1 - d / l);
            if (end + d < soft.length)
                soft[end + d] = soft[end + d] + weight;
            if (start - d >= 0)
                soft[start - d] = soft[start - d] + weight;
        }
    for (let i = 0; i < soft.length; i++)
        soft[i] = Math.min(soft[i], 1);
    return soft;
}
/** Events widened by l/2 on both sides, merged where they touch. */
function bufferedEvents(events, l, n) {
    const half = Math.floor(l / 2);
    const out = [];
    for (const { start, end } of events) {
        const last = out[out.length - 1];
        const buffered = { start: Math.max(start - half, 0), end: Math.min(end + half, n - 1), event: end };
        if (last !== undefined && start - half <= last.event + half)
            out[out.length - 1] = { ...buffered, start: last.start };
        else
            out.push(buffered);
    }
    return out;
}
function requireBoth(labels, events) {
    const [first] = events;
    if (first === undefined || (first.start === 0 && first.end === labels.length - 1))
        throw new RangeError('labels must hold both normal and anomalous rows');
}
function requireFinite(scores) {
    for (let i = 0; i < scores.length; i++)
        if (!Number.isFinite(scores[i]))
            throw new RangeError(`score of row ${i} is not finite`);
}
/**
 * @param labels 0/1 a row, both present
 * @param scores finite, larger is stranger
 * @param maxBuffer L, rows
 * @param thresholds evenly spaced ranks of the sorted scores (250 is what TSB-AD reports)
 */
export function vusPr(labels, scores, maxBuffer = 100, thresholds = 250) {
    const n = labels.length;
    const events = runsOf(labels);
    requireBoth(labels, events);
    requireFinite(scores);
    const hard = Float64Array.from({ length: n }, (_, i) => (labels[i] > 0 ? 1 : 0));
    const positives = hard.reduce((a, b) => a + b, 0);
    const order = descending(scores);
    const sorted = Float64Array.from(order, (i) => scores[i]);
    // numpy's linspace(0, n-1, k) truncated; the number of rows at or above each threshold
    const levels = Float64Array.from({ length: thresholds }, (_, k) => {
        const rank = k === thresholds - 1 ? n - 1 : Math.floor(k * ((n - 1) / (thresholds - 1)));
        return sorted[rank];
    });
    const flagged = Int32Array.from(levels, (level) => countAtLeast(sorted, level));
    const cumSoft = new Float64Array(n);
    const cumBuffer = new Float64Array(n);
    let volume = 0;
    for (let l = 0; l <= maxBuffer; l++) {
        const soft = softLabels(hard, events, l);
        let sumSoft = 0;
        let sumBuffer = 0;
        for (let i = 0; i < n; i++) {
            const row = order[i];
            const weight = soft[row];
            sumSoft += weight;
            if (hard[row] !== 1)
                sumBuffer += weight;
            cumSoft[i] = sumSoft;
            cumBuffer[i] = sumBuffer;
        }
        const peaks = bufferedEvents(events, l, n).map(({ start, end }) => {
            let peak = Number.NEGATIVE_INFINITY;
            for (let i = start; i <= end; i++)
                peak = Math.max(peak, scores[i]);
            return peak;
        });
        let area = 0;
        let recallBefore = 0;
        for (let k = 0; k < thresholds; k++) {
            const rows = flagged[k];
            const tp = cumSoft[rows - 1];
            const existence = peaks.filter((peak) => peak >= levels[k]).length / peaks.length;
            const recall = Math.min(tp / (positives + cumBuffer[rows - 1] / 2), 1) * existence;
            area += (recall - recallBefore) * (tp / rows);
            recallBefore = recall;
        }
        volume += area;
    }
    return volume / (maxBuffer + 1);
}
/** Entries >= level in a falling array. */
function countAtLeast(falling, level) {
    let low = 0;
    let high = falling.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (falling[middle] >= level)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
/** Average precision over all distinct thresholds, ties grouped. */
export function aucPr(labels, scores) {
    requireFinite(scores);
    const order = descending(scores);
    const positives = Array.from(labels).filter((y) => y > 0).length;
    let tp = 0;
    let recallBefore = 0;
    let area = 0;
    for (let i = 0; i < order.length; i++) {
        const row = order[i];
        if (labels[row] > 0)
            tp++;
        if (i + 1 < order.length && scores[order[i + 1]] === scores[row])
            continue;
        const recall = tp / positives;
        area += (recall - recallBefore) * (tp / (i + 1));
        recallBefore = recall;
    }
    return area;
}
//# sourceMappingURL=vus.js.map