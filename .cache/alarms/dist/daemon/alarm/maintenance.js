import { weekDays } from './config.js';
import { matchesName } from './settings.js';
const dayMs = 86_400_000;
/** The epoch began on a Thursday. */
const epochDay = 4;
/** The windows that concern an asset. */
export function windowsOf(windows, asset) {
    return windows.filter((window) => matchesName(window.assets, asset));
}
export function maintenanceAt(windows, timeMs) {
    let on = false;
    let untilMs = Number.POSITIVE_INFINITY;
    for (const window of windows)
        for (const [from, to] of spans(window, timeMs)) {
            if (timeMs >= from && timeMs < to)
                on = true;
            for (const edge of [from, to])
                if (edge > timeMs)
                    untilMs = Math.min(untilMs, edge);
        }
    return { on, untilMs };
}
/** The window's spans from a day before `timeMs` to a week after it: enough to know now and the next edge. */
function* spans(window, timeMs) {
    if ('from' in window) {
        yield [Date.parse(window.from), Date.parse(window.to)];
        return;
    }
    const start = minuteMs(window.start);
    const end = minuteMs(window.end);
    const length = end > start ? end - start : end - start + dayMs;
    const today = Math.floor(timeMs / dayMs);
    for (let day = today - 1; day <= today + 7; day++) {
        const name = weekDays[(((day + epochDay) % 7) + 7) % 7];
        if (!window.days.some((wanted) => wanted === name))
            continue;
        const from = day * dayMs + start;
        yield [from, from + length];
    }
}
function minuteMs(clock) {
    const [hours, minutes] = clock.split(':');
    return (Number(hours) * 60 + Number(minutes)) * 60_000;
}
//# sourceMappingURL=maintenance.js.map