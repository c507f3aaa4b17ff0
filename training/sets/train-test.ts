/** Data sets of folders that each hold a normal `train`, a `test` and its `label` table, as SMD and NASA's SMAP do. */
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../../model/errors.js';
import { listFiles, requireSome } from './folders.js';
import { evenTimes, numberedChannels, type Series } from './series.js';
import { firstColumns, readTable, stack } from './table.js';

export interface TrainTestLayout {
  /** For the error message. */
  readonly layout: string;
  readonly periodMs: number;
  /** Only so many of the first columns are measured; by default all. */
  readonly measured?: number;
}

export function loadTrainTest(root: string, { layout, periodMs, measured }: TrainTestLayout): readonly Series[] {
  const folders = [...listFiles(root, 'train.csv'), ...listFiles(root, 'train.csv.gz')].map((path) => dirname(path));
  return requireSome([...new Set(folders)], root, layout).map((folder) => {
    const train = readTable(join(root, folder, 'train.csv'));
    const test = readTable(join(root, folder, 'test.csv'));
    const label = readTable(join(root, folder, 'label.csv'));
    if (label.rows !== test.rows)
      throw new UserError(`has ${label.rows} rows for ${test.rows} test rows.`, {
        file: join(root, folder, 'label.csv'),
      });
    const { rows, columns, values } = firstColumns(stack(train, test), measured);
    const labels = new Uint8Array(rows);
    for (let i = 0; i < label.rows; i++) labels[train.rows + i] = label.values[i * label.columns] === 1 ? 1 : 0;
    return {
      // A folder of one machine alone has no name inside itself.
      name: folder === '.' ? basename(resolve(root)) : folder,
      channels: numberedChannels(columns),
      periodMs,
      rows,
      values,
      fitRows: train.rows,
      labels,
      timesS: evenTimes(rows, periodMs),
    };
  });
}
