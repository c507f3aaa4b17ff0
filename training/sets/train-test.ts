/** Data sets of machines that each have a normal `train`, a `test` and its `label` table, as SMD and NASA's SMAP do. */
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

/** Paths of one machine's tables, relative. */
interface Tables {
  readonly name: string;
  readonly train: string;
  readonly test: string;
  readonly label: string;
}

export function loadTrainTest(root: string, { layout, periodMs, measured }: TrainTestLayout): readonly Series[] {
  const found = [...inFolders(root), ...sideBySide(root)];
  return requireSome(found, root, layout).map(({ name, ...paths }) => {
    const train = readTable(join(root, paths.train));
    const test = readTable(join(root, paths.test));
    const label = readTable(join(root, paths.label));
    if (label.rows !== test.rows)
      throw new UserError(`has ${label.rows} rows for ${test.rows} test rows.`, { file: join(root, paths.label) });
    const { rows, columns, values } = firstColumns(stack(train, test), measured);
    const labels = new Uint8Array(rows);
    for (let i = 0; i < label.rows; i++) labels[train.rows + i] = label.values[i * label.columns] === 1 ? 1 : 0;
    return {
      name,
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

/** `<machine>/train.csv`, `test.csv` and `label.csv`, plain or gzipped. */
function inFolders(root: string): readonly Tables[] {
  const folders = [...listFiles(root, 'train.csv'), ...listFiles(root, 'train.csv.gz')].map((path) => dirname(path));
  return [...new Set(folders)].map((folder) => ({
    // A folder of one machine alone has no name inside itself.
    name: folder === '.' ? basename(resolve(root)) : folder,
    train: join(folder, 'train.csv'),
    test: join(folder, 'test.csv'),
    label: join(folder, 'label.csv'),
  }));
}

/** `train/<machine>.txt`, `test/<machine>.txt` and `test_label/<machine>.txt`, as SMD's authors publish it. */
function sideBySide(root: string): readonly Tables[] {
  return listFiles(root, '.txt')
    .filter((path) => basename(dirname(path)) === 'train')
    .map((train) => {
      const file = basename(train);
      const beside = (folder: string) => join(dirname(dirname(train)), folder, file);
      return { name: basename(file, '.txt'), train, test: beside('test'), label: beside('test_label') };
    });
}
