/** NDJSON recordings: `{"time": <ms or ISO 8601>, "asset": "pump-1", "values": {"flow": 1.5, "level": null}}`, one row a line. */
import { UserError } from './errors.js';
import { parseDateTime } from './time.js';
const remedy = 'A row looks like {"time": 1717243200000, "asset": "pump-1", "values": {"flow": 1.5, "level": null}}.';
/** Rows in the file's order; `null` = known to be missing. @throws UserError with file and line */
export async function* readNdjson({ file, chunks, asset }, options) {
    const wanted = options.channels === undefined ? undefined : new Set(options.channels);
    let line = 0;
    for await (const text of linesOf(chunks)) {
        line++;
        if (text.trim() === '')
            continue;
        const fail = (problem, key) => {
            throw new UserError(problem, key === undefined ? { file, line } : { file, line, key }, remedy);
        };
        let row;
        try {
            row = JSON.parse(text);
        }
        catch (cause) {
            fail(`Not JSON: ${cause.message}.`);
        }
        if (!isObject(row))
            return fail('Not an object.');
        const { time, values } = row;
        const timeMs = typeof time === 'number' ? time : typeof time === 'string' ? parseDateTime(time) : Number.NaN;
        if (!Number.isFinite(timeMs))
            fail(`${JSON.stringify(time) ?? 'nothing'} is no time.`, 'time');
        if (!isObject(values))
            return fail('No object of values.', 'values');
        if (row.asset !== undefined && typeof row.asset !== 'string')
            fail('Not a name.', 'asset');
        const readings = {};
        for (const name of Object.keys(values)) {
            if (wanted !== undefined && !wanted.has(name))
                continue;
            const value = values[name];
            if (value === null)
                readings[name] = Number.NaN;
            else if (typeof value === 'number')
                readings[name] = value;
            else
                fail(`${JSON.stringify(value)} is no number.`, `values.${name}`);
        }
        yield { asset: typeof row.asset === 'string' ? row.asset : asset, timeMs, values: readings };
    }
}
function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
async function* linesOf(chunks) {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of chunks) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        yield* lines;
    }
    rest += decoder.decode();
    if (rest !== '')
        yield rest;
}
