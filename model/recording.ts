/** Recordings: CSV and NDJSON files, plain or gzipped, read as rows of readings; NDJSON written. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { createGzip } from 'node:zlib';
import { UserError } from './errors.js';
import { readChunks } from './lines.js';
import { readCsv } from './recording-csv.js';
import { readNdjson } from './recording-ndjson.js';
import type { RecordingOptions, Row } from './recording-row.js';

export type { RecordingOptions, Row, WantedSignal } from './recording-row.js';

/** Rows in the file's order. @throws UserError with file and line */
export async function* readRecording(file: string, options: RecordingOptions = {}): AsyncGenerator<Row> {
  for await (const rows of readRecordingParts(file, options)) yield* rows;
}

/** As `readRecording`, some hundreds of rows at a time: for recordings of millions, where a promise a row is most of the work. */
export async function* readRecordingParts(
  file: string,
  options: RecordingOptions = {},
): AsyncGenerator<readonly Row[]> {
  const { name, ext } = path.parse(file.replace(/\.gz$/i, ''));
  const format = options.format ?? (/^\.(ndjson|jsonl?|json)$/i.test(ext) ? 'ndjson' : 'csv');
  const source = {
    file,
    chunks: readChunks(file, 'Give a recording as CSV or NDJSON, plain or gzipped.'),
    asset: options.asset ?? name,
  };
  yield* format === 'csv' ? readCsv(source, options) : readNdjson(source, options);
}

export interface RecordingWriter {
  /** Resolves when the file can take more. */
  write(row: Row): Promise<void>;
  /** Resolves when all is written. */
  close(): Promise<void>;
}

/** Begins an NDJSON file anew, gzipped if the name ends in `.gz`. @throws UserError where it cannot be written */
export async function openRecordingWriter(file: string): Promise<RecordingWriter> {
  const sink = createWriteStream(file);
  await once(sink, 'open').catch((cause: Error) => {
    throw new UserError(`It cannot be written: ${cause.message}.`, { file }, 'Give a file in a folder that is there.', {
      cause,
    });
  });
  const gzip = /\.gz$/i.test(file) ? createGzip() : undefined;
  const input = gzip ?? sink;
  gzip?.pipe(sink);
  let failure: Error | undefined;
  sink.on('error', (error) => {
    failure = error;
    gzip?.destroy(error);
  });
  gzip?.on('error', (error) => {
    failure = error;
  });
  const fail = (): void => {
    if (failure !== undefined)
      throw new UserError(`Writing stopped: ${failure.message}.`, { file }, 'Is the disk full?', { cause: failure });
  };
  return {
    async write({ timeMs, asset, values }) {
      fail();
      // JSON has no NaN: it becomes null, which reads as NaN.
      if (!input.write(`${JSON.stringify({ time: timeMs, asset, values })}\n`)) await once(input, 'drain').catch(fail);
      fail();
    },
    async close() {
      fail();
      input.end();
      if (!sink.closed) await once(sink, 'close').catch(fail);
      fail();
    },
  };
}
