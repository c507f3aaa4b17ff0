/** NAB, the Numenta Anomaly Benchmark (univariate, a row every five minutes to an hour): `data/<category>/<file>.csv` and `labels/combined_windows.json`. */
import { join } from 'node:path';
import { UserError } from '../../model/errors.js';
import { median } from '../measures/median.js';
import { probationRows } from '../measures/nab.js';
import { listFiles, requireSome } from './folders.js';
import type { Series } from './series.js';
import { readText } from './table.js';

export function loadNab(root: string): readonly Series[] {
  const labelFile = join(root, 'labels/combined_windows.json');
  const windows = JSON.parse(readText(labelFile)) as Record<string, readonly (readonly [string, string])[]>;
  return requireSome(listFiles(join(root, 'data'), '.csv'), root, 'data/<category>/*.csv').map((path) => {
    const file = join(root, 'data', path);
    const own = windows[path];
    if (own === undefined) throw new UserError(`has no entry "${path}".`, { file: labelFile });
    const lines = readText(file).trimEnd().split(/\r?\n/).slice(1);
    const values = new Float64Array(lines.length);
    const timesS = new Float64Array(lines.length);
    lines.forEach((line, row) => {
      const [time = '', cell = ''] = line.split(',');
      values[row] = Number(cell);
      timesS[row] = seconds(time);
      if (cell === '' || Number.isNaN((values[row] as number) + (timesS[row] as number)))
        throw new UserError('is not a row of a time and a number.', { file, line: row + 2 });
    });
    const labels = new Uint8Array(lines.length);
    for (const [from, to] of own) {
      const start = timesS.indexOf(seconds(from));
      const end = timesS.indexOf(seconds(to));
      if (start < 0 || end < start)
        throw new UserError(`has a window of "${path}" that is not in the data.`, { file: labelFile });
      labels.fill(1, start, end + 1);
    }
    return {
      name: path,
      channels: ['value'],
      periodMs: 1000 * Math.max(1, median(Array.from(timesS.subarray(1), (time, i) => time - (timesS[i] as number)))),
      rows: lines.length,
      values,
      fitRows: probationRows(lines.length),
      labels,
      timesS,
    };
  });
}

function seconds(text: string): number {
  return Date.parse(`${text.trim().replace(' ', 'T')}Z`) / 1000;
}
