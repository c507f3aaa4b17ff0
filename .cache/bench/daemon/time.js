import { epochUnits, guessEpochUnit, parseDateTime } from '../model/time.js';
export const timeUnits = ['auto', 's', 'ms', 'us', 'ns', 'iso'];
/** Before anomalyd's oldest conceivable data; a clock that was never set says 1970. */
const earliestMs = Date.UTC(2000, 0, 1);
const latestMs = Date.UTC(2200, 0, 1);
/** NaN for what is no time or absurd. */
export function decodeTime(raw, unit) {
    const timeMs = typeof raw === 'number' ? fromNumber(raw, unit) : typeof raw === 'string' ? fromText(raw, unit) : Number.NaN;
    return timeMs >= earliestMs && timeMs < latestMs ? timeMs : Number.NaN;
}
function fromText(text, unit) {
    if (/^\d+(\.\d+)?$/.test(text))
        return fromNumber(Number(text), unit);
    return unit === 'auto' || unit === 'iso' ? parseDateTime(text) : Number.NaN;
}
function fromNumber(value, unit) {
    if (unit === 'ms')
        return value;
    if (unit === 'iso')
        return Number.NaN;
    const known = unit === 'auto' ? guessEpochUnit(value) : unit;
    // Below a microsecond there is only rounding noise.
    return known === 'ms' ? value : Math.round(value * epochUnits[known] * 1000) / 1000;
}
