/** Event-wise alarm quality: what an operator sees of a row of verdicts. */
import { median } from './median.js';
import { runsOf } from './runs.js';
export function countEvents(labels, verdicts, { timesS, grace = 0, early = 0, hold = 0 } = {}) {
    const n = labels.length;
    const time = (row) => (timesS === undefined ? row : timesS[row]);
    const events = runsOf(labels);
    const alarms = runsOf(verdicts, hold);
    const claimed = new Set();
    const delaysS = [];
    const onsetDelaysS = [];
    let previousEnd = -1;
    events.forEach(({ start, end }, k) => {
        const next = events[k + 1]?.start ?? n;
        const last = Math.min(end + grace, next - 1);
        const first = Math.max(start - early, previousEnd + 1);
        const hits = alarms.flatMap((alarm, i) => (alarm.end >= start && alarm.start <= last ? [i] : []));
        const onsets = alarms.flatMap((alarm, i) => (alarm.start >= first && alarm.start <= last ? [i] : []));
        for (const i of [...hits, ...onsets])
            claimed.add(i);
        const hit = alarms[hits[0] ?? -1];
        if (hit !== undefined)
            delaysS.push(Math.max(0, time(Math.max(hit.start, start)) - time(start)));
        const onset = alarms[onsets[0] ?? -1];
        if (onset !== undefined)
            onsetDelaysS.push(time(onset.start) - time(start));
        previousEnd = last;
    });
    return {
        events: events.length,
        detected: delaysS.length,
        detectedOnset: onsetDelaysS.length,
        alarms: alarms.length,
        falseAlarms: alarms.length - claimed.size,
        normalS: normalSeconds(labels, n, time),
        delaysS,
        onsetDelaysS,
    };
}
function normalSeconds(labels, n, time) {
    const steps = Array.from({ length: Math.max(n - 1, 0) }, (_, i) => time(i + 1) - time(i));
    const step = steps.length > 0 ? median(steps) : 1;
    let sum = 0;
    for (let i = 0; i < n; i++)
        if (labels[i] <= 0)
            sum += Math.min(steps[i] ?? step, 10 * step);
    return sum;
}
/** Micro-average: counts and lists of several files as one. */
export function poolEvents(parts) {
    const sum = (pick) => parts.reduce((total, part) => total + pick(part), 0);
    return {
        events: sum((p) => p.events),
        detected: sum((p) => p.detected),
        detectedOnset: sum((p) => p.detectedOnset),
        alarms: sum((p) => p.alarms),
        falseAlarms: sum((p) => p.falseAlarms),
        normalS: sum((p) => p.normalS),
        delaysS: parts.flatMap((p) => p.delaysS),
        onsetDelaysS: parts.flatMap((p) => p.onsetDelaysS),
    };
}
//# sourceMappingURL=events.js.map