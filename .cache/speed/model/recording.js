/** Recordings: CSV and NDJSON files, plain or gzipped, read as rows of readings; NDJSON written. */
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import path from 'node:path';
import { createGunzip, createGzip } from 'node:zlib';
import { UserError } from './errors.js';
import { readCsv } from './recording-csv.js';
import { readNdjson } from './recording-ndjson.js';
/** Rows in the file's order. @throws UserError with file and line */
export async function* readRecording(file, options = {}) {
    const { name, ext } = path.parse(file.replace(/\.gz$/i, ''));
    const format = options.format ?? (/^\.(ndjson|jsonl?|json)$/i.test(ext) ? 'ndjson' : 'csv');
    const source = { file, chunks: readChunks(file), asset: options.asset ?? name };
    yield* format === 'csv' ? readCsv(source, options) : readNdjson(source, options);
}
async function* readChunks(file) {
    const plain = createReadStream(file);
    let stream = plain;
    if (/\.gz$/i.test(file)) {
        const gunzip = createGunzip();
        plain.on('error', (error) => gunzip.destroy(error));
        stream = plain.pipe(gunzip);
    }
    try {
        for await (const chunk of stream)
            yield chunk;
    }
    catch (cause) {
        const { code, message } = cause;
        const problem = code === 'ENOENT' ? 'There is no such file.' : `It cannot be read: ${message}.`;
        throw new UserError(problem, { file }, 'Give a recording as CSV or NDJSON, plain or gzipped.', { cause });
    }
    finally {
        plain.destroy();
    }
}
/** Begins an NDJSON file anew, gzipped if the name ends in `.gz`. @throws UserError where it cannot be written */
export async function openRecordingWriter(file) {
    const sink = createWriteStream(file);
    await once(sink, 'open').catch((cause) => {
        throw new UserError(`It cannot be written: ${cause.message}.`, { file }, 'Give a file in a folder that is there.', {
            cause,
        });
    });
    const gzip = /\.gz$/i.test(file) ? createGzip() : undefined;
    const input = gzip ?? sink;
    gzip?.pipe(sink);
    let failure;
    sink.on('error', (error) => {
        failure = error;
        gzip?.destroy(error);
    });
    gzip?.on('error', (error) => {
        failure = error;
    });
    const fail = () => {
        if (failure !== undefined)
            throw new UserError(`Writing stopped: ${failure.message}.`, { file }, 'Is the disk full?', { cause: failure });
    };
    return {
        async write({ timeMs, asset, values }) {
            fail();
            // JSON has no NaN: it becomes null, which reads as NaN.
            if (!input.write(`${JSON.stringify({ time: timeMs, asset, values })}\n`))
                await once(input, 'drain').catch(fail);
            fail();
        },
        async close() {
            fail();
            input.end();
            if (!sink.closed)
                await once(sink, 'close').catch(fail);
            fail();
        },
    };
}
