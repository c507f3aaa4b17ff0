/** Writes messages to a recording: NDJSON or CSV. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../model/errors.js';
import { signalNames } from './signals.js';
/** Rows in order of delivery, as a recorder on the broker would write them; times are event times. */
export function* recordingLines(messages, format) {
    if (format === 'csv') {
        yield `time,asset,${signalNames.join(',')}\n`;
        for (const { timeMs, asset, values } of messages) {
            const cells = signalNames.map((name) => values[name] ?? '');
            yield `${new Date(timeMs).toISOString()},${asset},${cells.join(',')}\n`;
        }
        return;
    }
    for (const { timeMs, asset, values } of messages)
        yield `${JSON.stringify({ time: timeMs, asset, values })}\n`;
}
/** Writes the whole run; returns the number of rows. Throws `UserError` where the file can't be written. */
export async function writeRecording(messages, path, format) {
    let rows = 0;
    const counted = (function* () {
        for (const message of messages) {
            rows++;
            yield message;
        }
    })();
    try {
        await pipeline(Readable.from(batched(recordingLines(counted, format))), createWriteStream(path));
    }
    catch (cause) {
        if (!(cause instanceof Error && 'code' in cause))
            throw cause;
        throw new UserError(`can't write the recording: ${cause.message}.`, { file: path }, 'Name a writable file.', {
            cause,
        });
    }
    return rows;
}
/** One chunk for many lines: a stream costs far more a chunk than a line. */
function* batched(lines) {
    let chunk = '';
    for (const line of lines) {
        chunk += line;
        if (chunk.length < 65_536)
            continue;
        yield chunk;
        chunk = '';
    }
    if (chunk !== '')
        yield chunk;
}
//# sourceMappingURL=record.js.map