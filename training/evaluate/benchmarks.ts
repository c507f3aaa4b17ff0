/** The public benchmarks that `evaluate` knows: how their files are read, and with what their measures are taken. */

import { loadNab } from '../sets/nab.js';
import { loadNasa } from '../sets/nasa.js';
import type { Series } from '../sets/series.js';
import { loadSkab, loadSkabNormal } from '../sets/skab.js';
import { loadSmd } from '../sets/smd.js';
import { loadTep } from '../sets/tep.js';
import type { CandidateName } from './chains.js';

export const benchmarkNames = ['skab', 'nab', 'smd', 'nasa', 'tep'] as const;
export type BenchmarkName = (typeof benchmarkNames)[number];

export interface Benchmark {
  readonly title: string;
  /** @throws UserError for a folder that is not in the published layout */
  readonly load: (folder: string) => readonly Series[];
  /** Recordings beside them that are normal throughout, where the folder has any. */
  readonly loadNormal?: (folder: string) => readonly Series[];
  /** L of VUS-PR, rows: how far from an event an alarm still counts for it. */
  readonly vusBuffer: number;
  /** Judges every file of the set; docs/benchmarks.md tells how it was chosen. */
  readonly chain: CandidateName;
  /** What `--choose` ranks chains by. */
  readonly merit: 'alarms' | 'ranking' | 'nab';
}

export const benchmarks: Readonly<Record<BenchmarkName, Benchmark>> = {
  skab: {
    title: 'SKAB, water pump test rig',
    load: loadSkab,
    loadNormal: loadSkabNormal,
    vusBuffer: 60,
    chain: 'tracking: level',
    merit: 'alarms',
  },
  nab: {
    title: 'NAB, Numenta Anomaly Benchmark',
    load: loadNab,
    vusBuffer: 100,
    chain: 'stationary: level, frame by frame',
    merit: 'nab',
  },
  smd: {
    title: 'SMD, Server Machine Dataset',
    load: loadSmd,
    vusBuffer: 100,
    chain: 'energy: level, pca, var',
    merit: 'ranking',
  },
  nasa: {
    title: 'NASA SMAP and MSL telemetry',
    load: loadNasa,
    vusBuffer: 100,
    chain: 'energy: level, pca, var',
    merit: 'alarms',
  },
  tep: { title: 'Tennessee Eastman process', load: loadTep, vusBuffer: 100, chain: 'tracking: level', merit: 'alarms' },
};
