/** Results as rows of text, CSV or NDJSON: time, asset, mode, severity, and what it is made of. */
import { healthStates, modes } from '../model/frames.js';
/** By the file's name; undefined = neither. */
export function rowFormat(file) {
    const match = /\.(csv|ndjson|jsonl)$/.exec(file);
    return match === null ? undefined : match[1] === 'csv' ? 'csv' : 'ndjson';
}
/** First line of a CSV file, without line end. Signals and detectors are spelt `expected.flow`, `detector.lstm`. */
export function scoreHeader({ channels, detectors }) {
    const each = (what, items) => items.map(({ name }) => quoted(`${what}.${name}`));
    return [
        'time',
        'asset',
        'mode',
        'severity',
        'instant',
        ...each('detector', detectors),
        ...each('contribution', channels),
        ...each('actual', channels),
        ...each('expected', channels),
        ...each('health', channels),
    ].join(',');
}
/** Result `i` as one line, without line end. Numbers have the seven digits of single precision; no value = empty or null. */
export function scoreRow(format, manifest, asset, results, i) {
    return format === 'csv' ? csvRow(manifest, asset, results, i) : ndjsonRow(manifest, asset, results, i);
}
function csvRow({ channels, detectors }, asset, results, i) {
    const cells = [
        new Date(results.timeMs[i] ?? 0).toISOString(),
        quoted(asset),
        modes[results.mode[i] ?? 0],
        number(results.severity[i]),
        number(results.instant[i]),
    ];
    const C = channels.length;
    for (let d = 0; d < detectors.length; d++)
        cells.push(number(results.detector[i * detectors.length + d]));
    for (const column of ['contribution', 'actual', 'expected'])
        for (let c = 0; c < C; c++)
            cells.push(number(results[column][i * C + c]));
    for (let c = 0; c < C; c++)
        cells.push(healthStates[results.health[i * C + c] ?? 0]);
    return cells.map((cell) => cell ?? '').join(',');
}
function ndjsonRow({ channels, detectors }, asset, results, i) {
    const C = channels.length;
    const named = (items, value) => Object.fromEntries(items.map(({ name }, k) => [name, value(k)]));
    const signals = (column) => named(channels, (c) => number(results[column][i * C + c]) ?? null);
    return JSON.stringify({
        time: new Date(results.timeMs[i] ?? 0).toISOString(),
        asset,
        mode: modes[results.mode[i] ?? 0],
        severity: number(results.severity[i]) ?? null,
        instant: number(results.instant[i]) ?? null,
        detectors: named(detectors, (d) => number(results.detector[i * detectors.length + d]) ?? null),
        contribution: signals('contribution'),
        actual: signals('actual'),
        expected: signals('expected'),
        health: named(channels, (c) => healthStates[results.health[i * C + c] ?? 0]),
    });
}
function number(value) {
    return value === undefined || !Number.isFinite(value) ? undefined : Number(value.toPrecision(7));
}
function quoted(text) {
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
