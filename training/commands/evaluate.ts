/** `anomalyd-train evaluate`: a public benchmark by its protocol, with the baselines beside. */
import { writeFile } from 'node:fs/promises';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../../model/clock.js';
import { UserError } from '../../model/errors.js';
import { evaluateBearings } from '../bearings/evaluate.js';
import { bearingJson, bearingTable } from '../bearings/report.js';
import { type BenchmarkName, benchmarkNames } from '../evaluate/benchmarks.js';
import { type Chain, chains } from '../evaluate/chains.js';
import { evaluate } from '../evaluate/evaluate.js';
import { pageOf } from '../evaluate/page.js';
import { jsonOf, tableOf } from '../evaluate/report.js';
import { progressOn } from '../progress.js';
import { recipes } from '../recipes/index.js';
import { loadTensorFlow } from '../tensorflow/load.js';
import { count } from './numbers.js';

interface Flags {
  readonly data: string;
  readonly recipes?: readonly string[];
  readonly scoring: 'auto' | Chain['scoring'];
  readonly choose?: boolean;
  readonly seeds: number;
  readonly budget: number;
  readonly output: string;
  readonly page?: string;
}

const recipeNames = recipes.map(({ name }) => name);

export function evaluateCommand(
  print: (text: string) => void = (text) => void process.stdout.write(`${text}\n`),
): Command {
  return new Command('evaluate')
    .description('measure on a public benchmark: learn from normal rows, judge the others as the daemon would')
    .addArgument(new Argument('<set>', 'benchmark; cwru names faults of bearings').choices([...benchmarkNames, 'cwru']))
    .requiredOption('-d, --data <dir>', 'its folder in the published layout, or any sub-set of its files')
    .requiredOption('-o, --output <results.json>', 'where the figures go')
    .option('-p, --page <page.html>', 'where the page goes; default: beside the figures')
    .option(
      '-r, --recipes <names>',
      `detectors, with commas: ${recipeNames.join(', ')}; default: the chain of the set`,
      split,
    )
    .addOption(
      new Option('--scoring <stage>', 'scoring stage; auto: that of the set')
        .choices(['auto', 'stationary', 'tracking', 'energy'])
        .default('auto'),
    )
    .option('--choose', 'take the chain that finds faults injected into the normal rows best, and tell how all did')
    .option('-s, --seeds <n>', 'repetitions', count, 3)
    .option('-b, --budget <n>', 'false alarms per machine and week', positive, 1)
    .action(async (set: BenchmarkName | 'cwru', flags: Flags, command: Command) => {
      if (set === 'cwru') return bearings(flags, command, print);
      const { data, recipes, scoring, choose, output, page, seeds, budget } = flags;
      const chain = chainOf(recipes, scoring);
      if (chain !== undefined && choose === true)
        throw new UserError('--choose chooses what --recipes and --scoring say.', {}, 'Give the one or the others.');
      const progress = progressOn(process.stderr);
      const evaluation = await evaluate({
        set,
        folder: data,
        ...(chain === undefined ? {} : { chain }),
        choose: choose === true,
        seeds,
        falseAlarmsPerAssetWeek: budget,
        tensorFlow: () => loadTensorFlow({ progress }),
        progress,
        clock: systemClock,
      });
      await write(output, jsonOf(evaluation));
      const pageFile = page ?? `${output.replace(/\.json$/, '')}.html`;
      await write(pageFile, await pageOf(evaluation));
      print(`${tableOf(evaluation)}\n\nFigures: ${output}\nPage: ${pageFile}`);
    });
}

/** Of detectors, chains and alarms it knows nothing: it is about names. */
async function bearings(
  { data, seeds, output }: Flags,
  command: Command,
  print: (text: string) => void,
): Promise<void> {
  const foreign = command.options.find(
    (option) =>
      !bearingOptions.includes(option.attributeName()) &&
      command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (foreign !== undefined)
    throw new UserError(
      `${foreign.long} says nothing to cwru.`,
      {},
      'Leave it out: --data, --seeds and --output are all.',
    );
  const progress = progressOn(process.stderr);
  const evaluation = await evaluateBearings({
    folder: data,
    seeds,
    tensorFlow: () => loadTensorFlow({ progress }),
    progress,
  });
  await write(output, bearingJson(evaluation));
  print(`${bearingTable(evaluation)}\n\nFigures: ${output}`);
}

const bearingOptions = ['data', 'seeds', 'output'];

function chainOf(names: readonly string[] | undefined, scoring: Flags['scoring']): Chain | undefined {
  if (names === undefined && scoring === 'auto') return undefined;
  const base: Chain = scoring === 'tracking' ? chains.short : chains.long;
  return {
    ...base,
    ...(scoring === 'stationary' ? { scoring } : {}),
    ...(names === undefined ? {} : { detectors: names }),
  };
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(`can't be written: ${cause.message}.`, { file }, 'Name another file.', { cause });
  });
}

function split(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !recipeNames.includes(name));
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is no recipe.`);
  return names;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}
