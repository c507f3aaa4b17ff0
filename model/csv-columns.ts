/** What the columns of a CSV are: by what the options say, else by their names and first cells. */
import { Cells, hasDecimalComma, isForeignNumber } from './csv-cells.js';
import { UserError } from './errors.js';
import { nameOf, type RecordingOptions, titlesOf, type WantedSignal } from './recording-row.js';
import { signalName } from './signal-name.js';
import { parseDateTime } from './time.js';

/** Names of columns, in order of preference, in lower case. */
const timeNames = [
  ...['time', 'timestamp', 'datetime', 'date_time', 'date time', 'date', 'ts', 't', 'time_ms', 'epoch', 'utc'],
  ...['zeitstempel', 'zeit', 'datum'],
];
/** Of two that make a time together: day, then hour. */
const dateNames = ['date', 'day', 'datum'];
const clockNames = ['time', 'hour', 'uhrzeit', 'zeit'];
const tagNames = ['tag', 'tagname', 'tag_name', 'tag name', 'point', 'signal', 'sensor', 'variable', 'name'];
const valueNames = ['value', 'val', 'reading', 'wert'];
const qualityNames = ['quality', 'opcquality', 'opc_quality'];

/** Whether a column is called as one that holds the values of a signal named elsewhere. */
export function isValueColumn(name: string): boolean {
  return valueNames.includes(name.toLowerCase());
}

export interface Columns {
  readonly cells: Cells;
  /** One, or two that hold day and hour. */
  readonly time: readonly number[];
  readonly asset: number | undefined;
  /** A column a signal: by name and column. */
  readonly signals: readonly (readonly [string, number])[];
  /** A row a reading: the columns of the signal's name and value, and of the value's quality. */
  readonly tall: { readonly signal: number; readonly value: number; readonly quality: number | undefined } | undefined;
}

/** @param sample the first rows @throws UserError where it can't be told */
export function chooseColumns(
  file: string,
  header: readonly string[],
  sample: readonly (readonly string[])[],
  delimiter: string,
  options: RecordingOptions,
): Columns {
  const lower = header.map((name) => name.toLowerCase());
  const all = `The columns are ${header.map((h) => `"${h}"`).join(', ')}.`;
  const columnOf = (name: string, what: string): number => {
    const column = header.indexOf(name);
    if (column >= 0) return column;
    throw new UserError(`There is no ${what} "${name}".`, { file, line: 1 }, all);
  };
  const find = (names: readonly string[]): number | undefined => {
    const name = names.find((one) => lower.includes(one));
    return name === undefined ? undefined : lower.indexOf(name);
  };
  const optional = (name: string | undefined, what: string, guesses: readonly string[]): number | undefined =>
    name === undefined ? find(guesses) : columnOf(name, what);

  const time = timeColumns();
  const asset = optional(options.assetColumn, 'asset column', ['asset']);
  // Seconds of a time may have a point where its values have commas.
  const values = sample.flatMap((row) => row.filter((_, column) => !time.includes(column) && column !== asset));
  const decimalComma = options.decimalComma ?? hasDecimalComma(values, delimiter);
  if (decimalComma === undefined) {
    throw new UserError(
      'It can\'t be told whether a number such as "1,234" is one or a thousand.',
      { file },
      'Say `decimalComma: true` or, if the comma parts thousands, export without.',
    );
  }
  const cells = new Cells(decimalComma, options.missing);
  const tall = tallColumns();
  if (tall !== undefined) return { cells, time, asset, signals: [], tall };

  // `fit` makes names of headers that are none; the same file must be readable by those names.
  const signalColumn = (signal: WantedSignal): number => {
    const titles = titlesOf(signal);
    const found = titles
      .flatMap((name) => [header.indexOf(name), header.findIndex((title) => signalName(title) === name)])
      .find((column) => column >= 0);
    return found ?? columnOf(titles[0], 'signal column');
  };
  const isNumeric = (column: number): boolean => {
    const known = sample.map((row) => row[column] ?? '').filter((cell) => cell !== '' && !cells.isMissing(cell));
    return known.length === 0 || known.some((cell) => !Number.isNaN(cells.number(cell)) || isForeignNumber(cell));
  };
  const named = options.channels?.map((signal) => [nameOf(signal), signalColumn(signal)] as const);
  if (named !== undefined) return { cells, time, asset, signals: named, tall };
  const others = header
    .map((name, column) => [name, column] as const)
    .filter(([, column]) => !time.includes(column) && column !== asset);
  const signals = others.filter(([, column]) => isNumeric(column));
  const words = others.filter((one) => !signals.includes(one)).map(([name]) => name);
  if (words.length > 0) options.onLeftOut?.(words);
  return { cells, time, asset, signals, tall };

  function timeColumns(): readonly number[] {
    if (options.timeColumn !== undefined) return [columnOf(options.timeColumn, 'time column')];
    const [date, hour] = [find(dateNames), find(clockNames)];
    const joined = [date, hour].filter((column) => column !== undefined);
    if (joined.length === 2 && joined[0] !== joined[1] && !isTime(joined.slice(1))) return joined;
    const guess = find(timeNames);
    if (guess !== undefined) return [guess];
    throw new UserError(
      'No column is known to be the time.',
      { file, line: 1 },
      `Name the time column; ${lowerFirst(all)}`,
    );
  }

  function isTime(columns: readonly number[]): boolean {
    const text = timeOf(sample[0] ?? [], columns);
    return text !== '' && (!Number.isNaN(Number(text)) || !Number.isNaN(parseDateTime(text, options)));
  }

  function tallColumns(): Columns['tall'] {
    const { signalColumn: named, valueColumn } = options;
    const signal = optional(named, 'column of signal names', tagNames);
    const value = optional(valueColumn, 'value column', valueNames);
    if (signal === undefined || value === undefined) {
      if (named === undefined && valueColumn === undefined) return undefined;
      const what = signal === undefined ? '`signalColumn`' : '`valueColumn`';
      throw new UserError(`With a row a reading, ${what} must be known too.`, { file, line: 1 }, all);
    }
    // A column that is called so among others, of a file with a column a signal.
    const isName = sample.every((row) => Number.isNaN(cells.number(row[signal] ?? '')));
    if (named === undefined && !isName) return undefined;
    return { signal, value, quality: find(qualityNames) };
  }
}

/** The text of a row's time. */
export function timeOf(row: readonly string[], columns: readonly number[]): string {
  return columns
    .map((column) => row[column] ?? '')
    .join(' ')
    .trim();
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
