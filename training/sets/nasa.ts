/** NASA's SMAP and MSL telemetry (1 min nominal): `SMAP/<channel>` folders; the first column is telemetry and judged, the rest are commands and no measurements. */
import type { Series } from './series.js';
import { loadTrainTest } from './train-test.js';

export function loadNasa(root: string): readonly Series[] {
  return loadTrainTest(root, { layout: 'SMAP/<channel>/train.csv', periodMs: 60_000, measured: 1 });
}
