/** A benchmark by its protocol: learn from each file's normal rows, judge the others through the daemon's path, beside the baselines. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../model/clock.js';
import { weekMs } from '../../model/duration.js';
import { NabCorpus, nabProfiles } from '../measures/nab.js';
import { runsOf } from '../measures/runs.js';
import { type Progress, silent } from '../progress.js';
import { findRecipe } from '../recipes/index.js';
import type { Series } from '../sets/series.js';
import type { LoadedTensorFlow } from '../tensorflow/load.js';
import { type Baseline, baselines } from './baselines.js';
import { type BenchmarkName, benchmarks } from './benchmarks.js';
import { type Chain, candidates } from './chains.js';
import { type Ranked, rankChains } from './choose.js';
import { judge } from './judge.js';
import { learn } from './learn.js';
import { type FileMeasures, labelsOf, measure, type Summary, summarise } from './summary.js';
import { type JudgedFile, type MissedDetections, missedDetections } from './tep.js';
import { normalPart } from './trials.js';
import { newsOf, type Verdicts } from './verdicts.js';

export interface EvaluateOptions {
  readonly set: BenchmarkName;
  readonly folder: string;
  /** Instead of the set's own. */
  readonly chain?: Chain;
  /** Instead of either: the chain that finds faults injected into normal rows best. */
  readonly choose?: boolean;
  readonly seeds: number;
  readonly falseAlarmsPerAssetWeek: number;
  readonly tensorFlow: () => Promise<LoadedTensorFlow>;
  readonly progress: Progress;
  readonly clock: Clock;
}

/** How long people are not told again. */
const dayMs = weekMs / 7;

export const methods = ['anomalyd', 'pca', 'zscore', 'random', 'alwaysOn'] as const;
export type Method = (typeof methods)[number];

export interface NabScores {
  /** At severity 1, and at the threshold that the benchmark chooses by its labels. */
  readonly fixed: Readonly<Record<string, number>>;
  readonly optimised: Readonly<Record<string, number>>;
  /** The same two of what people would be told (`newsOf`), with a day of silence after each. */
  readonly newsFixed: Readonly<Record<string, number>>;
  readonly newsOptimised: Readonly<Record<string, number>>;
}

export interface FileResult {
  readonly file: string;
  readonly rows: number;
  readonly chain: Chain;
  readonly measures: Readonly<Record<Method, Summary>>;
  /** Of the first seed, for the page. */
  readonly series: Series;
  readonly verdicts: Verdicts;
}

export interface Evaluation {
  readonly set: BenchmarkName;
  readonly files: number;
  readonly summary: Readonly<Record<Method, Summary>>;
  readonly perFile: readonly FileResult[];
  readonly nab?: Readonly<Record<Method, NabScores>>;
  readonly tep?: Readonly<Record<Method, MissedDetections | null>>;
  /** Where the chain was chosen: all that were tried, best first. */
  readonly choice?: readonly Ranked[];
}

/** @throws UserError for a folder that is not in the published layout, or normal rows too few to learn from */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { load, vusBuffer } = benchmarks[options.set];
  const loaded = load(options.folder);
  const choice = options.choose === true ? await choose(loaded, options) : undefined;
  const chain = options.chain ?? choice?.[0]?.chain ?? candidates[benchmarks[options.set].chain];
  const seeds = Array.from({ length: options.seeds }, (_, i) => i + 1);
  const all: Record<Method, FileMeasures[][]> = byMethod(() => seeds.map(() => []));
  const corpora = byMethod(() => seeds.map(() => ({ rows: new NabCorpus(), news: new NabCorpus() })));
  const perFile: FileResult[] = [];
  const judged: Record<Method, JudgedFile[]> = byMethod(() => []);
  for (const series of loaded) {
    const own = await judgeAll(series, chain, seeds, options);
    const level = Math.log(weekMs / series.periodMs / options.falseAlarmsPerAssetWeek);
    const windows = runsOf(labelsOf(series)).map(({ start, end }) => ({
      start: start + series.fitRows,
      end: end + series.fitRows,
    }));
    const measures = byMethod((method) => {
      const verdicts = seeds.map((seed, i) =>
        method === 'anomalyd' ? (own[i] as Verdicts) : (baselines[method] as Baseline)(series, seed, level),
      );
      if (options.set === 'tep')
        judged[method].push({ name: series.name, labels: labelsOf(series), scores: (verdicts[0] as Verdicts).scores });
      const files = verdicts.map((verdict, i) => {
        const scores = new Float64Array(series.rows);
        scores.set(verdict.scores, series.fitRows);
        if (options.set === 'nab') {
          corpora[method][i]?.rows.add({ scores, windows });
          corpora[method][i]?.news.add({ scores: newsOf(scores, Math.ceil(dayMs / series.periodMs)), windows });
        }
        const one = measure(series, verdict, vusBuffer);
        all[method][i]?.push(one);
        return one;
      });
      return summarise(files.map((file) => [file]));
    });
    perFile.push({
      file: series.name,
      rows: series.rows - series.fitRows,
      chain,
      measures,
      series,
      verdicts: own[0] as Verdicts,
    });
    const { f1, far, vusPr } = measures.anomalyd;
    options.progress.line(
      `${series.name}: F1 ${f1.toFixed(3)}, FAR ${far.toFixed(1)} %, VUS-PR ${vusPr?.toFixed(3) ?? '-'}`,
    );
  }
  return {
    set: options.set,
    files: perFile.length,
    summary: byMethod((method) => summarise(all[method])),
    perFile,
    ...(options.set === 'nab' ? { nab: byMethod((method) => nabScores(corpora[method])) } : {}),
    ...(options.set === 'tep' ? { tep: byMethod((method) => missedDetections(judged[method])) } : {}),
    ...(choice === undefined ? {} : { choice }),
  };
}

function choose(series: readonly Series[], options: EvaluateOptions): Promise<readonly Ranked[]> {
  const { loadNormal, vusBuffer, merit } = benchmarks[options.set];
  const normal = [...(loadNormal?.(options.folder) ?? []), ...series.map(normalPart)];
  return rankChains(normal, { ...options, seed: 1, candidates, vusBuffer, merit });
}

/** One entry a seed. What is in closed form is the same for all. */
async function judgeAll(
  series: Series,
  chain: Chain,
  seeds: readonly number[],
  options: EvaluateOptions,
): Promise<Verdicts[]> {
  const recipes = chain.detectors.map((one) => findRecipe(typeof one === 'string' ? one : String(one.recipe)));
  const closed = recipes.every(({ closedForm }) => closedForm);
  const verdicts: Verdicts[] = [];
  for (const seed of seeds) {
    const [first] = verdicts;
    if (closed && first !== undefined) {
      verdicts.push(first);
      continue;
    }
    const directory = await mkdtemp(join(tmpdir(), 'anomalyd-evaluate-'));
    try {
      const bundle = await learn(series, directory, { ...options, chain, seed, progress: silent });
      verdicts.push(await judge(series, bundle));
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  return verdicts;
}

interface Corpora {
  readonly rows: NabCorpus;
  readonly news: NabCorpus;
}

function nabScores(corpora: readonly Corpora[]): NabScores {
  const profile = (score: (corpora: Corpora, name: keyof typeof nabProfiles) => number) =>
    Object.fromEntries(
      (Object.keys(nabProfiles) as (keyof typeof nabProfiles)[]).map((name) => [
        name,
        corpora.reduce((sum, corpus) => sum + score(corpus, name), 0) / corpora.length,
      ]),
    );
  const fixed = (corpus: NabCorpus, name: keyof typeof nabProfiles) =>
    corpus.normalise(corpus.raw(1, nabProfiles[name]), nabProfiles[name]);
  const optimised = (corpus: NabCorpus, name: keyof typeof nabProfiles) =>
    corpus.normalise(corpus.optimise(nabProfiles[name]).raw, nabProfiles[name]);
  return {
    fixed: profile(({ rows }, name) => fixed(rows, name)),
    optimised: profile(({ rows }, name) => optimised(rows, name)),
    newsFixed: profile(({ news }, name) => fixed(news, name)),
    newsOptimised: profile(({ news }, name) => optimised(news, name)),
  };
}

function byMethod<T>(make: (method: Method) => T): Record<Method, T> {
  return Object.fromEntries(methods.map((method) => [method, make(method)])) as Record<Method, T>;
}
