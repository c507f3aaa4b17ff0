/** Ranks chains by faults injected into normal rows: one chain for all files of a set, found without a label. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../model/errors.js';
import { judge } from '../bundle-run.js';
import { NabCorpus, nabProfiles } from '../measures/nab.js';
import { runsOf } from '../measures/runs.js';
import { silent } from '../progress.js';
import type { Series } from '../sets/series.js';
import type { Chain } from './chains.js';
import { type LearnOptions, learn } from './learn.js';
import { type FileMeasures, measure, type Summary, summarise } from './summary.js';
import { trialsOf } from './trials.js';
import { verdictsOf } from './verdicts.js';

export interface Ranked {
  readonly name: string;
  readonly chain: Chain;
  /** What the set is judged by, of the injected faults. */
  readonly merit: number;
  readonly summary: Summary;
  /** In normal rows with nothing put in. */
  readonly falseAlarmsPerNormalHour: number | null;
}

export interface ChooseOptions extends Omit<LearnOptions, 'chain'> {
  readonly candidates: Readonly<Record<string, Chain>>;
  readonly vusBuffer: number;
  readonly merit: keyof typeof merits;
}

/** The measures of all trials as one figure, at most 1. */
export const merits = {
  /** Both ends count: the alarm, and the ranking behind it. */
  alarms: ({ f1, vusPr }: Summary) => (f1 + (vusPr ?? 0)) / 2,
  ranking: ({ vusPr }: Summary) => vusPr ?? 0,
  /** NAB's standard profile, at the fixed and at the best threshold. */
  nab: (_: Summary, corpus: NabCorpus) => {
    const profile = nabProfiles.standard;
    const of = (raw: number) => corpus.normalise(raw, profile) / 100;
    return (of(corpus.raw(1, profile)) + of(corpus.optimise(profile).raw)) / 2;
  },
} as const;

/** Merits that differ by less say nothing: another draw of faults would rank them the other way round. */
const tie = 0.01;

/** Series that are tried, evenly spread over those given that are long enough for any chain. */
const mostSeries = 12;
const leastFitRows = 150;

/**
 * Best first, but for `simplestFirst`. @param all normal throughout, their first `fitRows` rows to be learned from. A candidate that cannot be learned from the first rows of some series is left out.
 * @throws UserError where none is left
 */
export async function rankChains(all: readonly Series[], options: ChooseOptions): Promise<readonly Ranked[]> {
  const long = all.filter(({ fitRows }) => fitRows >= leastFitRows);
  const series = long.filter(
    (_, i) => Math.floor(((i + 1) * mostSeries) / long.length) > Math.floor((i * mostSeries) / long.length),
  );
  const ranked: Ranked[] = [];
  for (const [name, chain] of Object.entries(options.candidates)) {
    const found = await tryChain(series, chain, options);
    if (found instanceof UserError) {
      options.progress.line(`${name}: left out: ${found.message}`);
      continue;
    }
    const summary = summarise([found.spoiled]);
    const merit = merits[options.merit](summary, found.corpus);
    const { falseAlarmsPerNormalHour } = summarise([found.untouched]);
    ranked.push({ name, chain, merit, summary, falseAlarmsPerNormalHour });
    options.progress.line(`${name}: merit ${merit.toFixed(3)}`);
  }
  if (ranked.length === 0 || series.length === 0)
    throw new UserError(
      'No chain can be learned from so few normal rows.',
      {},
      'Choose one with --recipes and --scoring.',
    );
  return simplestFirst(ranked);
}

/** By merit; of those that tie with the best, the one of fewest detectors comes first (in the spirit of the one-standard-error rule, Breiman et al. 1984). */
export function simplestFirst<T extends Pick<Ranked, 'merit' | 'chain'>>(ranked: readonly T[]): readonly T[] {
  const sorted = ranked.toSorted((a, b) => b.merit - a.merit);
  const tied = sorted.filter(({ merit }) => merit > (sorted[0]?.merit ?? 0) - tie);
  const [first] = tied.toSorted((a, b) => a.chain.detectors.length - b.chain.detectors.length);
  return first === undefined ? sorted : [first, ...sorted.filter((each) => each !== first)];
}

/** Measures of every trial, or why the chain cannot be learned. */
async function tryChain(series: readonly Series[], chain: Chain, options: ChooseOptions) {
  const spoiled: FileMeasures[] = [];
  const untouched: FileMeasures[] = [];
  const corpus = new NabCorpus();
  for (const one of series) {
    const directory = await mkdtemp(join(tmpdir(), 'anomalyd-choose-'));
    try {
      const bundle = await learn(one, directory, { ...options, chain, progress: silent });
      const runs = [one, ...trialsOf(one)];
      const verdicts = await judge(
        bundle,
        runs.map(({ values }) => Float32Array.from(values)),
      );
      runs.forEach((run, i) => {
        const scores = Float64Array.from(verdicts[i]?.severity.subarray(run.fitRows) ?? []);
        (i === 0 ? untouched : spoiled).push(measure(run, verdictsOf(scores), options.vusBuffer));
        const whole = new Float64Array(run.rows);
        whole.set(scores, run.fitRows);
        if (i > 0) corpus.add({ scores: whole, windows: runsOf(run.labels) });
      });
    } catch (error) {
      if (error instanceof UserError) return error;
      throw error;
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  return { spoiled, untouched, corpus };
}
