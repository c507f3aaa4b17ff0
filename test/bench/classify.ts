/**
 * `npm run bench:classify -- --seed 1`: how well are kinds of fault told apart on machines that nobody has learned? Twenty simulated pumps of half an hour, four of each of five
 * faults, teach the bundle of deploy/bundles/pump; twenty others are tried: frames in alarm through `anomalyd replay`, and bursts one by one. Then each fault in turn is made
 * rare: four bursts of one pump, the other faults whole; recorded alone, repeated, and with synthetic bursts. The last line is JSON.
 */
import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadBundle } from '../../model/bundle.js';
import { unknownCause } from '../../model/classifier.js';
import { type Burst, partsOf, readBursts } from '../../training/classify/bursts.js';
import { classify } from '../../training/classify/classify.js';
import { readLabels } from '../../training/classify/labels.js';
import { standardise } from '../../training/classify/standardise.js';
import { progressOn } from '../../training/progress.js';
import { loadTensorFlow } from '../../training/tensorflow/load.js';
import { type Recorded, record } from './classify/plan.js';
import { filled, mean, recallOf, type Trial, type Way, ways } from './classify/recall.js';
import { programs } from './plant/bundle.js';

const { values: flags } = parseArgs({ options: { seed: { type: 'string', default: '1' } } });
const seed = Number(flags.seed);
/** What is known of a rare fault. */
const rareBursts = 4;
/** Pumps of each fault that are by turns all that is known of it: more take longer than they are worth. */
const rarePumps = 2;

const pump = fileURLToPath(new URL('../../../../deploy/bundles/pump', import.meta.url));
const dir = mkdtempSync(path.join(tmpdir(), 'anomalyd-classify-'));
const file = (name: string) => path.join(dir, name);
const progress = progressOn(process.stderr);
const loaded = await loadTensorFlow({ progress });
const rounded = (share: number) => Number(share.toFixed(3));

try {
  progress.line('Recording pumps with faults');
  const learned = await record('learned', seed, file);
  const tried = await record('tried', seed, file);
  const bundle = await loadBundle(pump);
  const parts = await partsOf(bundle);
  const bursts = async ({ recording, labels }: Recorded) =>
    readBursts(bundle, parts, [recording], await readLabels(labels));
  const [known, unseen] = [await bursts(learned), await bursts(tried)];
  const classes = [...new Set(learned.runs.map(({ fault }) => fault?.fault ?? ''))].sort();
  const { of, normal } = standardise(known, classes);
  const trial: Trial = { tf: loaded.tf, seed, classes: classes.length, normal, tried: of(unseen) };
  const frames = await framesInAlarm(learned, tried);
  const whole: Record<Way, number[]> = { recorded: [], repeated: [], synthetic: [] };
  for (const way of ways) whole[way] = await recallOf(trial, await filled(way, trial, of(known)));
  const rare = await rareFaults(trial, known, classes, of);
  const result = {
    bench: 'classify',
    seed,
    chance: rounded(1 / classes.length),
    bursts: { learned: of(known).length, tried: trial.tried.length },
    recall: Object.fromEntries(classes.map((name, k) => [name, rounded(whole.synthetic[k] ?? 0)])),
    meanRecall: Object.fromEntries(ways.map((way) => [way, rounded(mean(whole[way]))])),
    frames,
    rare,
  };
  console.log(JSON.stringify(result));
} finally {
  rmSync(dir, { recursive: true });
}

/** Teaches the bundle as a user does, and counts what it says of the frames of a fault that are in alarm. */
async function framesInAlarm(learned: Recorded, tried: Recorded) {
  progress.line('Teaching the bundle');
  await classify({
    bundle: pump,
    recordings: [learned.recording],
    labels: learned.labels,
    output: file('bundle'),
    certainFrom: 0.5,
    seed,
    tensorFlow: async () => loaded,
    progress,
  });
  const cli = path.join(programs, 'daemon/cli.js');
  const replay = ['replay', '--bundle', file('bundle'), '--input', tried.recording, '--scores', file('scores.ndjson')];
  execFileSync(process.execPath, [cli, ...replay], { stdio: ['ignore', 'ignore', 2] });
  const labels = new Map((await readLabels(tried.labels)).map((label) => [label.asset, label]));
  let [right, wrong, unknown] = [0, 0, 0];
  for await (const line of createInterface({ input: createReadStream(file('scores.ndjson')) })) {
    const { asset, time, severity, cause } = JSON.parse(line);
    const label = labels.get(asset);
    if (cause === null || severity < 1 || label === undefined || Date.parse(time) < label.onsetMs) continue;
    if (cause === label.fault) right++;
    else if (cause === unknownCause) unknown++;
    else wrong++;
  }
  const count = right + wrong + unknown;
  return {
    count,
    right: rounded(right / count),
    unknown: rounded(unknown / count),
    rightOfNamed: rounded(right / (right + wrong)),
  };
}

/** Each fault made rare, on some pumps that have enough of it: its own recall, and the mean of all classes. */
async function rareFaults(
  trial: Trial,
  known: readonly Burst[],
  classes: readonly string[],
  of: ReturnType<typeof standardise>['of'],
) {
  const cases = classes.flatMap((fault) => {
    const own = known.filter((burst) => burst.fault === fault);
    const pumps = [...new Set(own.map(({ asset }) => asset))];
    const others = known.filter((burst) => burst.fault !== undefined && burst.fault !== fault);
    return pumps
      .map((pump) => own.filter(({ asset }) => asset === pump))
      .filter(({ length }) => length >= rareBursts)
      .slice(0, rarePumps)
      .map((some) => ({ fault, bursts: [...others, ...some.slice(0, rareBursts)] }));
  });
  const task = progress.task('Rare faults', cases.length * ways.length);
  const rows: { fault: string; way: Way; rare: number; all: number }[] = [];
  for (const { fault, bursts } of cases)
    for (const way of ways) {
      const recall = await recallOf(trial, await filled(way, trial, of(bursts)));
      rows.push({ fault, way, rare: recall[classes.indexOf(fault)] ?? 0, all: mean(recall) });
      task.update(rows.length, `${fault}, ${way}`);
    }
  task.end();
  /** Of each fault, then of all: every fault counts as much. */
  const meanOf = (way: Way, figure: 'rare' | 'all') =>
    mean(
      classes
        .map((name) => rows.filter((row) => row.fault === name && row.way === way).map((row) => row[figure]))
        .filter(({ length }) => length > 0)
        .map(mean),
    );
  return {
    cases: cases.length,
    recall: Object.fromEntries(ways.map((way) => [way, rounded(meanOf(way, 'rare'))])),
    meanRecall: Object.fromEntries(ways.map((way) => [way, rounded(meanOf(way, 'all'))])),
  };
}
