/** CSV recordings: a time column and a column a signal, or a row a reading; optionally an asset column. */
import { isForeignNumber } from './csv-cells.js';
import { type Columns, chooseColumns, timeOf } from './csv-columns.js';
import { type CsvRecord, openCsv } from './csv-text.js';
import { UserError } from './errors.js';
import { nameFinder, type RecordingOptions, type RecordingSource, type Row, titlesOf } from './recording-row.js';
import { type EpochUnit, epochUnits, guessEpochUnit, needsDateOrder, parseDateTime } from './time.js';

const rowsAtATime = 512;
/** Rows by which columns are told apart. */
const sampleRows = 100;

/**
 * Rows in the file's order, some hundreds at a time; of a file with a row a reading in order of time, as such files often tell one signal after the other.
 * An empty cell is no reading.
 * @throws UserError with file and line
 */
export async function* readCsv(
  { file, chunks, asset }: RecordingSource,
  options: RecordingOptions,
): AsyncGenerator<readonly Row[]> {
  const { delimiter, records } = await openCsv(file, chunks, options.delimiter);
  try {
    const header = await records.next();
    if (header.done) return;
    const sample: CsvRecord[] = [];
    for (let next = await records.next(); !next.done; next = await records.next()) {
      sample.push(next.value);
      if (sample.length === sampleRows) break;
    }
    const names = header.value.cells;
    const rows = sample.map(({ cells }) => cells);
    const columns = chooseColumns(file, names, rows, delimiter, options);
    const reader = new RowReader(file, names, columns, options, asset);
    if (reader.isSecondHeader(rows)) sample.shift();
    const atATime = columns.tall === undefined ? rowsAtATime : Number.POSITIVE_INFINITY;
    let part = sample.flatMap((record) => reader.row(record) ?? []);
    for (let next = await records.next(); !next.done; next = await records.next()) {
      const row = reader.row(next.value);
      if (row !== undefined) part.push(row);
      if (part.length < atATime) continue;
      yield part;
      part = [];
    }
    reader.checkSignals(part.length);
    yield columns.tall === undefined ? part : joined(part);
  } finally {
    await records.return(undefined);
  }
}

class RowReader {
  private unit: EpochUnit | undefined;
  /** With a row a reading: all that the file has. */
  private readonly tags = new Set<string>();
  private readonly nameFor: (tag: string) => string | undefined;

  constructor(
    private readonly file: string,
    private readonly header: readonly string[],
    private readonly columns: Columns,
    private readonly options: RecordingOptions,
    private readonly asset: string,
  ) {
    this.unit = options.timeUnit;
    this.nameFor = nameFinder(options.channels);
  }

  /** A line of units, or of what the columns are: no time and no number in it. */
  isSecondHeader([first, second]: readonly (readonly string[])[]): boolean {
    if (first === undefined || second === undefined) return false;
    const { cells, time } = this.columns;
    const isTime = (row: readonly string[]) => !Number.isNaN(this.timeMs(timeOf(row, time)));
    return !isTime(first) && isTime(second) && first.every((cell) => Number.isNaN(cells.number(cell)));
  }

  /** Undefined for a reading of a signal that is not asked for. */
  row({ cells: row, line }: CsvRecord): Row | undefined {
    const { columns, header, file } = this;
    const text = timeOf(row, columns.time);
    const timeMs = this.timeMs(text, true);
    if (Number.isNaN(timeMs)) {
      throw new UserError(
        `"${text}" is no time.`,
        { file, line, key: columns.time.map((column) => header[column] ?? '').join(' ') },
        needsDateOrder(text)
          ? 'Say which is first, the day (`dateOrder: dmy`) or the month (`dateOrder: mdy`).'
          : 'Use ISO 8601 (2024-06-01T12:00:00Z), "2024-06-01 12:00:00" or "01.06.2024 12:00:00" in UTC or the `timeZone` that is given, or seconds, milliseconds or microseconds since 1970; or name the time column.',
      );
    }
    const named = columns.asset === undefined ? '' : (row[columns.asset] ?? '');
    const values = columns.tall === undefined ? this.wide(row, line) : this.tall(row, line, columns.tall);
    return values && { asset: named === '' ? this.asset : named, timeMs, values };
  }

  private timeMs(text: string, keepUnit = false): number {
    const number = this.columns.cells.number(text);
    if (!Number.isFinite(number)) return parseDateTime(text, this.options);
    const unit = this.unit ?? guessEpochUnit(number);
    if (keepUnit) this.unit = unit;
    return number * epochUnits[unit];
  }

  private wide(row: readonly string[], line: number): Record<string, number> {
    const values: Record<string, number> = {};
    for (const [name, column] of this.columns.signals) {
      const cell = row[column] ?? '';
      if (cell !== '') values[name] = this.value(cell, line, name);
    }
    return values;
  }

  private tall(
    row: readonly string[],
    line: number,
    { signal, value, quality }: NonNullable<Columns['tall']>,
  ): Record<string, number> | undefined {
    const tag = row[signal] ?? '';
    const cell = row[value] ?? '';
    this.tags.add(tag);
    const name = tag === '' ? undefined : this.nameFor(tag);
    if (name === undefined || cell === '') return undefined;
    const isBad = quality !== undefined && isBadQuality(row[quality] ?? '');
    return { [name]: isBad ? Number.NaN : this.value(cell, line, name) };
  }

  /** @throws UserError for a file with a row a reading and no reading of what is asked for */
  checkSignals(rows: number): void {
    if (rows > 0 || this.tags.size === 0) return;
    throw new UserError(
      `It has none of the signals ${this.options.channels?.map((signal) => titlesOf(signal)[0]).join(', ')}.`,
      { file: this.file, key: this.header[this.columns.tall?.signal ?? 0] ?? '' },
      `It has ${[...this.tags].slice(0, 20).join(', ')}.`,
    );
  }

  private value(cell: string, line: number, name: string): number {
    const { cells } = this.columns;
    const value = cells.number(cell);
    if (!Number.isNaN(value) || cells.isMissing(cell)) return value;
    throw new UserError(
      `"${cell}" is no number.`,
      { file: this.file, line, key: name },
      isForeignNumber(cell)
        ? 'With a decimal comma, say `decimalComma: true`; export without marks between thousands.'
        : `If it means that there is no value, say \`missing: ["${cell}"]\`; else leave out the column by naming the signals to read.`,
    );
  }
}

/** In order of time, the readings of one machine at one time together. */
function joined(rows: Row[]): Row[] {
  const together: { asset: string; timeMs: number; values: Record<string, number> }[] = [];
  const latest = new Map<string, (typeof together)[number]>();
  for (const { asset, timeMs, values } of rows.sort((a, b) => a.timeMs - b.timeMs)) {
    const before = latest.get(asset);
    if (before?.timeMs === timeMs) {
      Object.assign(before.values, values);
      continue;
    }
    const row = { asset, timeMs, values: { ...values } };
    latest.set(asset, row);
    together.push(row);
  }
  return together;
}

/** Words that begin with "bad", and OPC's numbers below "uncertain" (OPC DA 3.0, 6.8). */
function isBadQuality(cell: string): boolean {
  return /^bad/i.test(cell) || (/^\d+$/.test(cell) && (Number(cell) & 0xc0) === 0);
}
