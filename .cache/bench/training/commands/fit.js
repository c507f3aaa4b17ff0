/** `anomalyd-train fit`: recordings of normal operation -> a bundle. */
import { Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../../model/clock.js';
import { UserError } from '../../model/errors.js';
import { configOf, loadTrainConfig } from '../config-file.js';
import { fit } from '../fit.js';
import { progressOn } from '../progress.js';
import { recipes } from '../recipes/index.js';
import { summarise } from '../summary.js';
import { loadTensorFlow } from '../tensorflow/load.js';
export function fitCommand(print = (text) => void process.stdout.write(`${text}\n`)) {
    return new Command('fit')
        .description('learn what is normal from recordings, and write a bundle for the daemon')
        .option('-c, --config <train.yaml>', 'what to learn from, and how')
        .option('-d, --data <files...>', 'recordings of normal operation (CSV or NDJSON), with defaults for all else')
        .requiredOption('-o, --output <dir>', 'folder of the bundle; an older bundle there is replaced')
        .option('-s, --seed <n>', "instead of the config's seed", wholeNumber)
        .addHelpText('after', `\nRecipes:\n${recipes.map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`).join('\n')}`)
        .action(async (options) => {
        const { config, directory, file } = await configFrom(options);
        const progress = progressOn(process.stderr);
        const result = await fit({
            config: options.seed === undefined ? config : { ...config, seed: options.seed },
            directory,
            ...(file === undefined ? {} : { configFile: file }),
            output: options.output,
            tensorFlow: () => loadTensorFlow({ progress }),
            progress,
            clock: systemClock,
        });
        print(summarise(result, options.output));
    });
}
async function configFrom({ config, data }) {
    if (config !== undefined && data === undefined)
        return loadTrainConfig(config);
    if (config === undefined && data !== undefined)
        return configOf(data);
    throw new UserError(config === undefined ? 'nothing to learn from.' : '--config and --data are both given.', {}, 'Give --config train.yaml, or --data with recordings.');
}
function wholeNumber(text) {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value))
        throw new InvalidArgumentError('It must be a whole number.');
    return value;
}
