/** Signals that a sentence names at most, and the share of the evidence after which it stops. */
const namedSignals = 3;
const namedShare = 0.8;
/** Decimals that show a tenth of the channel's normal spread, so that numbers are neither noise nor all alike. */
export function decimalsOf(channel) {
    return channel === undefined ? 2 : Math.min(6, Math.max(0, 1 - Math.ceil(Math.log10(channel.scale))));
}
/** The leading signals of a diagnosis: those that make up most of it. */
export function leading(diagnostics) {
    let sum = 0;
    const end = diagnostics.findIndex((one) => {
        sum += one.contribution;
        return sum >= namedShare;
    });
    return diagnostics.slice(0, Math.min(namedSignals, end < 0 ? namedSignals : end + 1));
}
/** `vibration 4.8 mm/s, expected 2.1; temperature 71 degC, expected 64`. */
export function deviations(diagnostics, channels) {
    return leading(diagnostics)
        .filter(({ direction, actual }) => direction !== null || actual === null)
        .map(({ signal, actual, expected, unit }) => {
        const decimals = decimalsOf(channels.find((channel) => channel.name === signal));
        const is = actual === null ? 'missing' : withUnit(actual.toFixed(decimals), unit);
        return `${signal} ${is}${expected === null ? '' : `, expected ${expected.toFixed(decimals)}`}`;
    })
        .join('; ');
}
/** `vibration and temperature above what was learned`, `vibration above, flow below what was learned`. */
export function machineReason(diagnostics, suspect) {
    if (suspect !== null)
        return `one signal deviates alone (${suspect}): check the sensor first`;
    const named = leading(diagnostics);
    const towards = (wanted) => named.filter(({ direction }) => direction === wanted).map(({ signal }) => signal);
    const parts = ['above', 'below']
        .map((direction) => [towards(direction).join(' and '), direction])
        .filter(([signals]) => signals !== '')
        .map((part) => part.join(' '));
    return parts.length === 0 ? 'deviates from what was learned' : `${parts.join(', ')} what was learned`;
}
export function machineMessage(asset, diagnostics, channels, suspect, sinceMs) {
    const what = deviations(diagnostics, channels);
    const advice = suspect === null ? '' : ` One signal deviates alone (${suspect}): check the sensor first.`;
    return `${asset}: ${what === '' ? '' : `${what}. `}Not behaving as learned since ${clock(sinceMs)}.${advice}`;
}
const faultWords = {
    missing: 'gives no readings',
    'out-of-range': 'reads what no working sensor gives',
    spike: 'spikes',
    'flat-line': 'is stuck',
};
export function sensorReason(signals) {
    return signals.map(({ signal, fault }) => `${signal} ${faultWords[fault]}`).join('; ');
}
export function sensorMessage(asset, signals) {
    const what = signals
        .map(({ signal, fault, since }) => `${signal} ${faultWords[fault]} since ${clock(Date.parse(since))}`)
        .join('; ');
    return `${asset}: ${what}. The machine is judged by its other signals.`;
}
export function staleMessage(asset, sinceMs, usualMs) {
    const usual = usualMs === null ? '' : ` (usually every ${interval(usualMs)})`;
    return `${asset}: no data since ${clock(sinceMs)}${usual}. Nothing is known of it until data come again.`;
}
/** `14:02:10 UTC`. */
export function clock(timeMs) {
    return `${new Date(timeMs).toISOString().slice(11, 19)} UTC`;
}
function interval(ms) {
    if (ms < 1000)
        return `${Math.round(ms)} ms`;
    return ms < 120_000 ? `${Number((ms / 1000).toPrecision(2))} s` : `${Math.round(ms / 60_000)} min`;
}
function withUnit(number, unit) {
    return unit === '' ? number : `${number} ${unit}`;
}
