/** CSV recordings: a time column, a column a signal, optionally an asset column. */
import { Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import { UserError } from './errors.js';
import type { RecordingOptions, RecordingSource, Row } from './recording-row.js';
import { signalName } from './signal-name.js';
import { type EpochUnit, epochUnits, guessEpochUnit, parseDateTime } from './time.js';

const delimiters = [',', ';', '\t', '|'];
/** Names of time columns, in order of preference, in lower case. */
const timeNames = ['time', 'timestamp', 'datetime', 'date_time', 'date', 'ts', 't', 'time_ms', 'epoch', 'utc'];
/** Cells, in lower case, that say that a value is missing. */
const missingCells = new Set(['nan', 'null', 'none', 'na', 'n/a', 'inf', '-inf', '+inf', 'infinity', '-infinity']);

const rowsAtATime = 512;

interface Columns {
  readonly time: number;
  readonly asset: number | undefined;
  /** Signals by name and column. */
  readonly signals: readonly (readonly [string, number])[];
}

interface Line {
  readonly record: readonly string[];
  /** 1-based, of the record's end. */
  readonly line: number;
}

/** Rows in the file's order, some hundreds at a time; an empty cell is no reading. @throws UserError with file and line */
export async function* readCsv(
  { file, chunks, asset }: RecordingSource,
  options: RecordingOptions,
): AsyncGenerator<readonly Row[]> {
  let rows: Row[] = [];
  let header: readonly string[] | undefined;
  let columns: Columns | undefined;
  let unit = options.timeUnit;
  for await (const { record, line } of recordsOf(file, chunks, options.delimiter)) {
    if (header === undefined) {
      header = record;
      continue;
    }
    columns ??= chooseColumns(file, header, record, options);
    const timeCell = record[columns.time] ?? '';
    const number = timeCell === '' ? Number.NaN : toNumber(timeCell, options.decimalComma);
    if (Number.isFinite(number)) unit ??= guessEpochUnit(number);
    const timeMs = Number.isFinite(number) ? number * epochUnits[unit as EpochUnit] : parseDateTime(timeCell);
    if (Number.isNaN(timeMs)) {
      throw new UserError(
        `"${timeCell}" is no time.`,
        { file, line, key: header[columns.time] ?? '' },
        'Use ISO 8601 (2024-06-01T12:00:00Z), "2024-06-01 12:00:00" in UTC, or seconds, milliseconds or microseconds since 1970; or name the time column.',
      );
    }
    const values: Record<string, number> = {};
    for (const [name, column] of columns.signals) {
      const cell = record[column] ?? '';
      if (cell === '') continue;
      const value = toNumber(cell, options.decimalComma);
      if (Number.isNaN(value) && !missingCells.has(cell.toLowerCase())) {
        throw new UserError(
          `"${cell}" is no number.`,
          { file, line, key: name },
          'Leave out the column by naming the signals to read, or leave the cell empty; with a decimal comma, say so.',
        );
      }
      values[name] = value;
    }
    const named = columns.asset === undefined ? '' : (record[columns.asset] ?? '');
    rows.push({ asset: named === '' ? asset : named, timeMs, values });
    if (rows.length < rowsAtATime) continue;
    yield rows;
    rows = [];
  }
  yield rows;
}

function toNumber(cell: string, decimalComma = false): number {
  return Number(decimalComma ? cell.replace(',', '.') : cell);
}

function chooseColumns(
  file: string,
  header: readonly string[],
  first: readonly string[],
  options: RecordingOptions,
): Columns {
  const columnOf = (name: string, what: string): number => {
    const column = header.indexOf(name);
    if (column >= 0) return column;
    throw new UserError(
      `There is no ${what} "${name}".`,
      { file, line: 1 },
      `The columns are ${header.map((h) => `"${h}"`).join(', ')}.`,
    );
  };
  const lower = header.map((name) => name.toLowerCase());
  const guess = timeNames.find((name) => lower.includes(name));
  if (options.timeColumn === undefined && guess === undefined) {
    throw new UserError(
      'No column is known to be the time.',
      { file, line: 1 },
      `Name the time column; the columns are ${header.map((h) => `"${h}"`).join(', ')}.`,
    );
  }
  const time =
    options.timeColumn === undefined ? lower.indexOf(guess ?? '') : columnOf(options.timeColumn, 'time column');
  const byName = lower.indexOf('asset');
  const asset =
    options.assetColumn !== undefined
      ? columnOf(options.assetColumn, 'asset column')
      : byName >= 0
        ? byName
        : undefined;
  const isSignal = (column: number): boolean => {
    const cell = (first[column] ?? '').toLowerCase();
    return (
      column !== time &&
      column !== asset &&
      (!Number.isNaN(toNumber(cell, options.decimalComma)) || missingCells.has(cell))
    );
  };
  // `fit` makes names of headers that are none; the same file must be readable by those names.
  const signalColumn = (name: string): number => {
    const column = header.includes(name) ? -1 : header.findIndex((title) => signalName(title) === name);
    return column >= 0 ? column : columnOf(name, 'signal column');
  };
  const signals =
    options.channels?.map((name) => [name, signalColumn(name)] as const) ??
    header.map((name, column) => [name, column] as const).filter(([, column]) => isSignal(column));
  return { time, asset, signals };
}

async function* recordsOf(
  file: string,
  chunks: AsyncIterable<Buffer>,
  delimiter: string | undefined,
): AsyncGenerator<Line> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    head = Buffer.concat([head, next.value]);
    if (head.includes(10)) break;
  }
  const all = async function* (): AsyncGenerator<Buffer> {
    yield head;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  };
  const input = Readable.from(all());
  const parser = input.pipe(
    parse({
      delimiter: delimiter ?? sniff(head),
      bom: true,
      trim: true,
      info: true,
      skip_empty_lines: true,
      relax_quotes: true,
    }),
  );
  // `pipe` passes no errors on.
  input.on('error', (error) => parser.destroy(error));
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      yield { record, line: info.lines };
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { message, lines } = error as CsvError & { lines?: number };
    throw new UserError(
      `Not CSV: ${message}.`,
      lines === undefined ? { file } : { file, line: lines },
      'Check the delimiter and the quotes.',
      {
        cause: error,
      },
    );
  } finally {
    input.destroy();
    await iterator.return?.();
  }
}

/** The delimiter that the header has most of; comma if none. */
function sniff(head: Buffer): string {
  const [line = ''] = head.toString('utf8').split('\n', 1);
  const counts = delimiters.map((delimiter) => line.split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ',';
}
