/** Tables of numbers as benchmark files hold them: plain or gzipped text, separated by commas, semicolons or white space. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { UserError } from '../../model/errors.js';

/** The text of a file, or of the same file with `.gz`. @throws UserError where neither can be read */
export function readText(path: string): string {
  for (const [file, open] of [
    [path, (bytes: Buffer) => bytes],
    [`${path}.gz`, gunzipSync],
  ] as const) {
    try {
      return open(readFileSync(file)).toString('utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        throw new UserError(`cannot be read: ${(error as Error).message}.`, { file }, 'Is it the file as published?');
    }
  }
  throw new UserError(
    'does not exist, nor with .gz.',
    { file: path },
    '--data takes the data set in its published layout, or any sub-set of its files.',
  );
}

export interface Table {
  readonly rows: number;
  readonly columns: number;
  /** [rows*columns], row by row. */
  readonly values: Float64Array;
}

/** Numbers only, no header. @throws UserError with the line of the first cell that is no number, or of a ragged row */
export function readTable(path: string): Table {
  const lines = readText(path)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const columns = cellsOf(lines[0] ?? '').length;
  const values = new Float64Array(lines.length * columns);
  lines.forEach((line, row) => {
    const cells = cellsOf(line);
    if (cells.length !== columns)
      throw new UserError(`has ${cells.length} columns where the first row has ${columns}.`, {
        file: path,
        line: row + 1,
      });
    cells.forEach((cell, column) => {
      const value = Number(cell);
      if (cell === '' || Number.isNaN(value))
        throw new UserError(`"${cell}" is not a number.`, { file: path, line: row + 1 });
      values[row * columns + column] = value;
    });
  });
  return { rows: lines.length, columns, values };
}

export function transpose({ rows, columns, values }: Table): Table {
  const turned = new Float64Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) turned[c * rows + r] = values[r * columns + c] as number;
  return { rows: columns, columns: rows, values: turned };
}

/** Without the columns from `count` on. */
export function firstColumns(table: Table, count = table.columns): Table {
  const columns = Math.min(count, table.columns);
  const values = table.values.filter((_, i) => i % table.columns < columns);
  return { rows: table.rows, columns, values };
}

/** One table after the other. */
export function stack(first: Table, second: Table): Table {
  if (first.columns !== second.columns) throw new RangeError(`${first.columns} columns above ${second.columns}`);
  const values = new Float64Array(first.values.length + second.values.length);
  values.set(first.values);
  values.set(second.values, first.values.length);
  return { rows: first.rows + second.rows, columns: first.columns, values };
}

function cellsOf(line: string): string[] {
  return line.trim().split(/\s*[,;]\s*|\s+/);
}
