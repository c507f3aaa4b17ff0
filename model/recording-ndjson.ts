/** NDJSON recordings: `{"time": <ms or ISO 8601>, "asset": "pump-1", "values": {"flow": 1.5, "level": null}}`, one row a line. */
import { UserError } from './errors.js';
import { linesOf } from './lines.js';
import { nameFinder, type RecordingOptions, type RecordingSource, type Row } from './recording-row.js';
import { parseDateTime } from './time.js';

const remedy = 'A row looks like {"time": 1717243200000, "asset": "pump-1", "values": {"flow": 1.5, "level": null}}.';

/** Rows in the file's order, those of a piece of the file at a time; `null` = known to be missing. @throws UserError with file and line */
export async function* readNdjson(
  { file, chunks, asset }: RecordingSource,
  options: RecordingOptions,
): AsyncGenerator<readonly Row[]> {
  const nameFor = nameFinder(options.channels);
  let line = 0;
  for await (const lines of linesOf(chunks)) {
    const rows: Row[] = [];
    for (const text of lines) {
      line++;
      if (text === '' || text.trim() === '') continue;
      try {
        rows.push(rowOf(text, asset, nameFor));
      } catch (error) {
        if (!(error instanceof BadRow)) throw error;
        const place = error.key === undefined ? { file, line } : { file, line, key: error.key };
        throw new UserError(error.message, place, remedy, { cause: error.cause });
      }
    }
    yield rows;
  }
}

class BadRow extends Error {
  constructor(
    problem: string,
    readonly key?: string,
    cause?: unknown,
  ) {
    super(problem, { cause });
  }
}

function rowOf(text: string, asset: string, nameFor: (title: string) => string | undefined): Row {
  const row = parse(text);
  if (!isObject(row)) throw new BadRow('Not an object.');
  const { time, values } = row;
  const timeMs = typeof time === 'number' ? time : typeof time === 'string' ? parseDateTime(time) : Number.NaN;
  if (!Number.isFinite(timeMs)) throw new BadRow(`${JSON.stringify(time) ?? 'nothing'} is no time.`, 'time');
  if (!isObject(values)) throw new BadRow('No object of values.', 'values');
  if (row.asset !== undefined && typeof row.asset !== 'string') throw new BadRow('Not a name.', 'asset');
  const readings: Record<string, number> = {};
  for (const title in values) {
    const name = nameFor(title);
    if (name === undefined) continue;
    const value = values[title];
    if (value === null) readings[name] = Number.NaN;
    else if (typeof value === 'number') readings[name] = value;
    else throw new BadRow(`${JSON.stringify(value)} is no number.`, `values.${title}`);
  }
  return { asset: row.asset ?? asset, timeMs, values: readings };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BadRow(`Not JSON: ${(cause as Error).message}.`, undefined, cause);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
