/** SMD, the Server Machine Dataset (38 channels, 1 min): `machine-*` folders with train, test and label tables, or the authors' `train`, `test` and `test_label` folders. */
import type { Series } from './series.js';
import { loadTrainTest } from './train-test.js';

export function loadSmd(root: string): readonly Series[] {
  return loadTrainTest(root, { layout: 'machine-*/train.csv, train/machine-*.txt', periodMs: 60_000 });
}
