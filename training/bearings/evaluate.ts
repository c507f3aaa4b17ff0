/** How well is a bearing's fault named that is of another size than those that were learned? */
import { bearing6205 } from '../../model/bearing.js';
import type { Progress } from '../progress.js';
import { type BearingRecording, bearingClasses, loadCwru } from '../sets/cwru.js';
import type { LoadedTensorFlow, TensorFlow } from '../tensorflow/load.js';
import { type LabelledBurst, leaveSizesOut, type Split, shuffledSplit } from './bursts.js';
import { type BearingClassifier, classesOf, trainBearings } from './classifier.js';
import { filterPeaks } from './filters.js';
import { type Approach, expert, image, waves } from './networks.js';

export interface Judged {
  readonly accuracy: number;
  /** Mean over classes that were judged. */
  readonly macroF1: number;
  /** [true][named], bursts. */
  readonly confusion: readonly (readonly number[])[];
}

export interface BearingResult {
  readonly method: string;
  readonly split: string;
  readonly accuracy: number;
  readonly macroF1: number;
  /** Sums over seeds. */
  readonly confusion: Judged['confusion'];
  readonly parameters: number;
  /** Largest of all seeds. */
  readonly parity: number;
}

export interface BearingEvaluation {
  readonly set: 'cwru';
  readonly files: number;
  readonly seeds: number;
  readonly classes: readonly string[];
  readonly results: readonly BearingResult[];
  /** Of the network on samples, Hz: where each filter of its first layer hears best. */
  readonly filterPeaksHz: readonly number[];
}

export interface BearingOptions {
  readonly folder: string;
  readonly seeds: number;
  readonly tensorFlow: () => Promise<LoadedTensorFlow>;
  readonly progress: Progress;
}

/** @throws UserError for a folder that is not in the layout */
export async function evaluateBearings(options: BearingOptions): Promise<BearingEvaluation> {
  const recordings = loadCwru(options.folder);
  return { set: 'cwru', files: recordings.length, ...(await judgeBearings(recordings, options)) };
}

async function judgeBearings(
  recordings: readonly BearingRecording[],
  { seeds, tensorFlow, progress }: BearingOptions,
): Promise<Omit<BearingEvaluation, 'set' | 'files'>> {
  const { tf } = await tensorFlow();
  const rateHz = recordings[0]?.rateHz ?? 0;
  const approaches = [expert(rateHz, bearing6205), image(), waves()] as const;
  const results: BearingResult[] = [];
  let kernels: BearingClassifier['filters'] = [];
  for (const split of splitsOf(recordings)) {
    const judged = await judgeSplit(tf, split, approaches, seeds, progress);
    results.push(...judged.results);
    kernels = judged.kernels;
    for (const { method, macroF1, accuracy } of judged.results)
      progress.line(`${split.name}, ${method}: macro-F1 ${macroF1.toFixed(3)}, right ${accuracy.toFixed(3)}`);
  }
  return { seeds, classes: bearingClasses, results, filterPeaksHz: filterPeaks(kernels, rateHz) };
}

export function splitsOf(recordings: readonly BearingRecording[]): Split[] {
  const labelOf = ({ label }: BearingRecording) => bearingClasses.indexOf(label);
  return [...leaveSizesOut(recordings, labelOf), shuffledSplit(recordings, labelOf)];
}

/** Baselines, then each approach, on one split. @param approaches an analyst's signals first */
export async function judgeSplit(
  tf: TensorFlow,
  split: Split,
  approaches: readonly [Approach, ...Approach[]],
  seeds: number,
  progress: Progress,
): Promise<{ readonly results: readonly BearingResult[]; readonly kernels: BearingClassifier['filters'] }> {
  const results: BearingResult[] = Object.entries(baselines(approaches[0], split)).map(([method, named]) => {
    return { method, split: split.name, ...judge(split.test, named), parameters: 0, parity: 0 };
  });
  let kernels: BearingClassifier['filters'] = [];
  for (const approach of approaches) {
    const runs: (Judged & { readonly trained: BearingClassifier })[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const trained = await trainBearings(tf, approach, split.train, bearingClasses.length, seed, progress);
      runs.push({ ...judge(split.test, await classesOf(trained.onnx, approach, split.test)), trained });
      if (trained.filters.length > 0) kernels = trained.filters;
    }
    const sum = (of: (one: (typeof runs)[number]) => number) => runs.reduce((total, one) => total + of(one), 0);
    results.push({
      method: approach.title,
      split: split.name,
      accuracy: sum(({ accuracy }) => accuracy) / seeds,
      macroF1: sum(({ macroF1 }) => macroF1) / seeds,
      confusion: bearingClasses.map((_, t) =>
        bearingClasses.map((__, n) => sum(({ confusion }) => confusion[t]?.[n] ?? 0)),
      ),
      parameters: runs[0]?.trained.parameters ?? 0,
      parity: Math.max(...runs.map(({ trained }) => trained.parity)),
    });
  }
  return { results, kernels };
}

/** The class that most bursts have, and the nearest class mean of level, crest and kurtosis, in units of their spread. */
function baselines(analyst: Approach, { train, test }: Split): Readonly<Record<string, readonly number[]>> {
  const labels = bearingClasses.map((_, label) => label);
  const size = (label: number) => train.filter((one) => one.label === label).length;
  const most = labels.toSorted((a, b) => size(b) - size(a))[0] ?? 0;
  const of = (burst: LabelledBurst) => [...Float64Array.from(analyst.inputOf(burst)).subarray(0, 3)];
  const rows = train.map(of);
  const mean = (some: readonly (readonly number[])[]) =>
    [0, 1, 2].map((c) => some.reduce((sum, row) => sum + (row[c] as number), 0) / Math.max(1, some.length));
  const centre = mean(rows);
  const spread = [0, 1, 2].map((c) =>
    Math.sqrt(rows.reduce((sum, row) => sum + ((row[c] as number) - (centre[c] as number)) ** 2, 0) / rows.length),
  );
  const means = labels.map((label) => mean(rows.filter((_, i) => train[i]?.label === label)));
  const distance = (row: readonly number[], label: number) =>
    [0, 1, 2].reduce(
      (sum, c) => sum + (((row[c] as number) - (means[label]?.[c] as number)) / (spread[c] as number)) ** 2,
      0,
    );
  return {
    'the line that rises most, no network': risenLine(analyst, train, test),
    'always the most frequent': test.map(() => most),
    'nearest mean of rms, crest, kurtosis': test.map((burst) => {
      const row = of(burst);
      return labels.toSorted((a, b) => distance(row, a) - distance(row, b))[0] as number;
    }),
  };
}

/** Further from the mean of a healthy bearing than this many of its standard deviations, a signal has risen. */
const risen = 4;

/**
 * What an analyst does, and who reads an alert: healthy while neither level nor any line has risen above what the healthy bursts that were learned from have; else the defect whose line has
 * risen most, in their standard deviations.
 */
function risenLine(analyst: Approach, train: readonly LabelledBurst[], test: readonly LabelledBurst[]): number[] {
  const normal = train.filter(({ label }) => bearingClasses[label] === 'normal').map((one) => analyst.inputOf(one));
  const column = (name: string) => {
    const c = analyst.inputNames.indexOf(name);
    const values = normal.map((row) => row[c] as number);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    return (row: ArrayLike<number>) => ((row[c] as number) - mean) / spread;
  };
  const level = column('rms');
  const lines = [column('inner-race'), column('outer-race'), column('ball')];
  return test.map((burst) => {
    const row = analyst.inputOf(burst);
    const rises = lines.map((rise) => rise(row));
    const most = Math.max(...rises);
    return most < risen && level(row) < risen ? 0 : 1 + rises.indexOf(most);
  });
}

function judge(bursts: readonly LabelledBurst[], named: readonly number[]): Judged {
  const confusion = bearingClasses.map((_, t) =>
    bearingClasses.map((__, n) => bursts.filter(({ label }, i) => label === t && named[i] === n).length),
  );
  const at = (t: number, n: number) => confusion[t]?.[n] ?? 0;
  const labels = bearingClasses.map((_, label) => label);
  const sum = (of: (label: number) => number) => labels.reduce((total, label) => total + of(label), 0);
  const judged = labels.filter((t) => sum((n) => at(t, n)) > 0);
  const f1 = (k: number) => (2 * at(k, k)) / Math.max(1, sum((n) => at(k, n)) + sum((t) => at(t, k)));
  return {
    accuracy: sum((k) => at(k, k)) / Math.max(1, bursts.length),
    macroF1: judged.reduce((total, k) => total + f1(k), 0) / Math.max(1, judged.length),
    confusion,
  };
}
