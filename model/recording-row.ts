/** What a recording holds, and what its readers are told. */
import { signalName } from './signal-name.js';
import type { DateTimeOptions, EpochUnit } from './time.js';

/** The readings of one asset at one time; a signal that is not named has no reading, NaN = known to be missing. */
export interface Row {
  readonly asset: string;
  readonly timeMs: number;
  readonly values: Readonly<Record<string, number>>;
}

/** A signal to read: by the column, tag or key that some recordings have for it, or by its name. */
export type WantedSignal = string | { readonly name: string; readonly column?: string | undefined };

/** What a recording may call a signal, the likeliest first. */
export function titlesOf(signal: WantedSignal): readonly [string, ...string[]] {
  if (typeof signal === 'string') return [signal];
  return signal.column === undefined ? [signal.name] : [signal.column, signal.name];
}

export const nameOf = (signal: WantedSignal): string => (typeof signal === 'string' ? signal : signal.name);

/** From what a recording calls a signal to its name, undefined for what is not wanted. `fit` makes names of titles that are none; the same recording is readable by those. */
export function nameFinder(wanted: readonly WantedSignal[] | undefined): (title: string) => string | undefined {
  if (wanted === undefined) return (title) => title;
  const named = new Map(wanted.flatMap((signal) => titlesOf(signal).map((title) => [title, nameOf(signal)] as const)));
  const known = new Map<string, string | undefined>();
  return (title) => {
    const before = known.get(title);
    if (before !== undefined || known.has(title)) return before;
    const name = named.get(title) ?? named.get(signalName(title));
    known.set(title, name);
    return name;
  };
}

/** `dateOrder` and `timeZone` are for CSV. */
export interface RecordingOptions extends DateTimeOptions {
  /** By the file's name where not given: `.ndjson`, `.jsonl` and `.json` are NDJSON, anything else CSV; each with or without `.gz`. */
  readonly format?: 'csv' | 'ndjson';
  /** CSV: sniffed among `,` `;` tab and `|` where not given. */
  readonly delimiter?: string;
  /** CSV: guessed among time, timestamp, datetime, date, ... where not given; of columns `date` and `time` both. */
  readonly timeColumn?: string;
  /** CSV: unit of numeric times; by the first one's size where not given. */
  readonly timeUnit?: EpochUnit;
  /** CSV: column that names the asset; where not given, `asset` if there is such a column. */
  readonly assetColumn?: string;
  /** Asset of rows that name none; the file's name without extension where not given. */
  readonly asset?: string;
  /** Signals to read, each of which a CSV must have, as its header says or as `signalName` makes it; every numeric column where not given. Rows have them by their names. */
  readonly channels?: readonly WantedSignal[];
  /** CSV with a row a reading: column that names the signal, and that of its value; where not given, `tag` or the like beside `value`. */
  readonly signalColumn?: string;
  readonly valueColumn?: string;
  /** CSV: `1,5` is one and a half; by the first rows where not given. */
  readonly decimalComma?: boolean;
  /** CSV: words, besides those that historians and spreadsheets write, that say that there is no value. */
  readonly missing?: readonly string[];
  /** CSV: told the columns that are left out as they hold no numbers, where `channels` is not given. */
  readonly onLeftOut?: (columns: readonly string[]) => void;
}

/** What the readers of both formats are given. */
export interface RecordingSource {
  readonly file: string;
  readonly chunks: AsyncIterable<Buffer>;
  readonly asset: string;
}
