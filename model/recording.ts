/** Recordings: CSV and NDJSON files, plain or gzipped, read as rows of readings; NDJSON written. */

/** The readings of one asset at one time; a signal that is not named has no reading, NaN = known to be missing. */
export interface Row {
  readonly asset: string;
  readonly timeMs: number;
  readonly values: Readonly<Record<string, number>>;
}

export interface RecordingOptions {
  /** By the file's name where not given: `.csv`, `.tsv`, `.txt`, or `.ndjson`, `.jsonl`, `.json`, each with or without `.gz`. */
  readonly format?: 'csv' | 'ndjson';
  /** CSV: sniffed among `,` `;` tab and `|` where not given. */
  readonly delimiter?: string;
  /** CSV: guessed among time, timestamp, datetime, date, ... where not given. */
  readonly timeColumn?: string;
  /** CSV: column that names the asset; where not given, `asset` if there is such a column. */
  readonly assetColumn?: string;
  /** Asset of rows that name none; the file's name without extension where not given. */
  readonly asset?: string;
  /** Signals to read, each of which a CSV must have; every numeric column where not given. */
  readonly channels?: readonly string[];
  /** CSV: `1,5` is one and a half. */
  readonly decimalComma?: boolean;
}

/** @throws UserError with file and line. */
export async function* readRecording(_path: string, _options: RecordingOptions = {}): AsyncGenerator<Row> {
  yield await Promise.reject(new Error('not built yet'));
}

export interface RecordingWriter {
  /** Resolves when the file can take more. */
  write(row: Row): Promise<void>;
  close(): Promise<void>;
}

/** NDJSON, gzipped if the name ends in `.gz`. */
export async function openRecordingWriter(_path: string): Promise<RecordingWriter> {
  throw new Error('not built yet');
}
