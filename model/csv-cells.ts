/** Numbers in the cells of a CSV, and the words that stand where there is none. */

/** In lower case: of languages and spreadsheets, and of historians for a signal that was not to be had. */
const missingWords = [
  ...['nan', 'null', 'none', 'na', 'n/a', 'inf', '-inf', '+inf', 'infinity', '-infinity', '-', '--', '---', '?'],
  ...['#n/a', '#na', '#value!', '#ref!', '#div/0!', '#num!', '#name?', '#null!', 'error'],
  ...[
    'bad',
    'bad input',
    'bad data',
    'bad quality',
    'no data',
    'nodata',
    'no value',
    'no result',
    'no good data',
    'missing',
  ],
  ...['i/o timeout', 'comm fail', 'calc failed', 'pt created', 'scan off', 'scan timeout', 'shutdown', 'out of serv'],
  ...['over range', 'under range', 'not connect', 'not connected', 'unit down', 'arc off-line', 'configure', 'unknown'],
];
/** `[-11059] No Good Data For Calculation` */
const missingCode = /^\[-?\d+\]/;

/** Marks between thousands, which no number that is read has. */
const thousands = /^[+-]?\d{1,3}(?:,\d{3})+\.\d+$|^[+-]?\d{1,3}(?:\.\d{3})+,\d+$/;

/** Whether it is a number to people, though not as this file's numbers are written: its column is no text. */
export function isForeignNumber(cell: string): boolean {
  return /^[+-]?\d+,\d+$/.test(cell) || thousands.test(cell);
}

/** Reads cells of one file. */
export class Cells {
  private readonly missing: ReadonlySet<string>;

  /** @param missing further words that say that there is no value, in any case */
  constructor(
    private readonly decimalComma: boolean,
    missing: readonly string[] = [],
  ) {
    this.missing = new Set([...missingWords, ...missing.map((word) => word.toLowerCase())]);
  }

  /** NaN for what is no number, an empty cell too. */
  number(cell: string): number {
    return cell === '' ? Number.NaN : Number(this.decimalComma ? cell.replace(',', '.') : cell);
  }

  /** Whether it says that there is no value. */
  isMissing(cell: string): boolean {
    return this.missing.has(cell.toLowerCase()) || missingCode.test(cell);
  }
}

/**
 * Whether numbers have decimal commas, by some cells; undefined where it can't be told: `1,234` may be either, and in quotes between commas any may. Programs write
 * semicolons between cells where the comma is the decimal mark.
 */
export function hasDecimalComma(cells: Iterable<string>, delimiter: string): boolean | undefined {
  let found: boolean | undefined = false;
  for (const cell of cells) {
    if (/^[+-]?\d+\.\d+$/.test(cell)) return false;
    if (!/^[+-]?\d+,\d+(?:e[+-]?\d+)?$/i.test(cell)) continue;
    const mayPartThousands = /^[+-]?[1-9]\d{0,2},\d{3}$/.test(cell);
    if (delimiter === ';' || (delimiter !== ',' && !mayPartThousands)) found = true;
    else if (found === false) found = undefined;
  }
  return found;
}
