/** `anomalyd-train fit`: recordings of normal operation -> a bundle. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../../model/clock.js';
import { UserError } from '../../model/errors.js';
import { compare, comparisonFile } from '../compare/compare.js';
import { comparisonTable } from '../compare/report.js';
import { configOf, type LoadedConfig, loadTrainConfig } from '../config-file.js';
import { fit } from '../fit.js';
import { progressOn } from '../progress.js';
import { recipes } from '../recipes/index.js';
import { summarise } from '../summary.js';
import { loadTensorFlow } from '../tensorflow/load.js';
import { wholeNumber } from './numbers.js';

interface FitCommandOptions {
  readonly config?: string;
  readonly data?: readonly string[];
  readonly output: string;
  readonly seed?: number;
  /** True: of all recipes. */
  readonly compare?: readonly string[] | true;
}

export function fitCommand(print: (text: string) => void = (text) => void process.stdout.write(`${text}\n`)): Command {
  return new Command('fit')
    .description('learn what is normal from recordings, and write a bundle for the daemon')
    .option('-c, --config <train.yaml>', 'what to learn from, and how')
    .option('-d, --data <files...>', 'recordings of normal operation (CSV or NDJSON), with defaults for all else')
    .requiredOption('-o, --output <dir>', 'folder of the bundle; an older bundle there is replaced')
    .option('-s, --seed <n>', "instead of the config's seed", wholeNumber)
    .option(
      '--compare [recipes]',
      'train each of these recipes alone (with commas; default: all), and tell by held-out frames and injected faults what each is worth; --output gets a folder a recipe',
      recipeNames,
    )
    .addHelpText(
      'after',
      `\nRecipes:\n${recipes.map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`).join('\n')}`,
    )
    .action(async (options: FitCommandOptions) => {
      const { config, directory, file } = await configFrom(options);
      const progress = progressOn(process.stderr);
      const run = {
        config: options.seed === undefined ? config : { ...config, seed: options.seed },
        directory,
        ...(file === undefined ? {} : { configFile: file }),
        output: options.output,
        tensorFlow: () => loadTensorFlow({ progress }),
        progress,
        clock: systemClock,
        twinThread: new URL('../twin-thread.js', import.meta.url),
      };
      if (options.compare === undefined) return print(summarise(await fit(run), options.output));
      const names = options.compare === true ? recipes.map(({ name }) => name) : options.compare;
      const comparison = await compare({ ...run, recipes: names });
      const figures = join(options.output, comparisonFile);
      await writeFile(figures, `${JSON.stringify(comparison, null, 2)}\n`);
      print(`${comparisonTable(comparison)}\nFigures: ${figures}; bundles: ${join(options.output, '<detector>')}`);
    });
}

/** @throws InvalidArgumentError for what is no recipe */
function recipeNames(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  const known = recipes.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  throw new InvalidArgumentError(`"${unknown}" is no recipe; there are: ${known.join(', ')}.`);
}

async function configFrom({ config, data }: FitCommandOptions): Promise<LoadedConfig> {
  if (config !== undefined && data === undefined) return loadTrainConfig(config);
  if (config === undefined && data !== undefined) return configOf(data);
  throw new UserError(
    config === undefined ? 'nothing to learn from.' : '--config and --data are both given.',
    {},
    'Give --config train.yaml, or --data with recordings.',
  );
}
