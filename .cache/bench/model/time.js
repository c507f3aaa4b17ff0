/** Event times as people and machines write them, read into milliseconds since the epoch, UTC. */
/** Epoch units by name, in milliseconds. */
export const epochUnits = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 };
const pattern = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;
/**
 * `2024-06-01T12:00:00.5+02:00`, `2024-06-01 12:00:00`, `2024/06/01`: year first, UTC where no zone is given, fractions to the microsecond and below kept.
 * NaN for anything else, and for dates that no calendar has.
 */
export function parseDateTime(text) {
    const match = pattern.exec(text);
    if (match === null)
        return Number.NaN;
    const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
    const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
    // Date.UTC lets 31 April be 1 May, and second 61 the next minute.
    const sameMonth = Date.UTC(Number(year), Number(month) - 1, 1) <= midnight && midnight < Date.UTC(Number(year), Number(month), 1);
    if (!sameMonth || Number(month) < 1 || Number(month) > 12)
        return Number.NaN;
    if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60)
        return Number.NaN;
    const timeMs = midnight + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
    return timeMs + (fraction === '' ? 0 : Number(`0.${fraction}`) * 1000) - zoneMs(zone);
}
function zoneMs(zone) {
    if (zone === 'Z' || zone === 'z')
        return 0;
    const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2)) * (zone.length > 3 ? 1 : 0);
    return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
}
/** The unit in which a number is a time between 1973 and 5138; smaller ones are seconds. */
export function guessEpochUnit(value) {
    const size = Math.abs(value);
    return size < 1e11 ? 's' : size < 1e14 ? 'ms' : size < 1e17 ? 'us' : 'ns';
}
