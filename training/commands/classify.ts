/** `anomalyd-train classify`: teaches a bundle to name the kind of fault. */
import { Command, InvalidArgumentError } from 'commander';
import { type Classified, classify } from '../classify/classify.js';
import { progressOn } from '../progress.js';
import { table } from '../summary.js';
import { loadTensorFlow } from '../tensorflow/load.js';

interface Flags {
  readonly bundle: string;
  readonly faults: readonly string[];
  readonly labels: string;
  readonly output: string;
  readonly certainFrom: number;
}

export function classifyCommand(
  print: (text: string) => void = (text) => void process.stdout.write(`${text}\n`),
): Command {
  return new Command('classify')
    .description('teach a bundle to name the kind of fault, from recordings of faults with labels')
    .requiredOption('-b, --bundle <dir>', 'what `fit` wrote')
    .requiredOption('-f, --faults <files...>', 'recordings with faults in them (CSV or NDJSON)')
    .requiredOption('-l, --labels <file.json>', 'which fault, which machine, from when to when')
    .requiredOption('-o, --output <dir>', 'folder of the new bundle; may be the old one')
    .option('--certain-from <p>', 'a class with a smaller probability is called unknown', probability, 0.5)
    .action(async ({ faults, ...flags }: Flags) => {
      const progress = progressOn(process.stderr);
      const tensorFlow = () => loadTensorFlow({ progress });
      print(tell(await classify({ ...flags, recordings: faults, seed: 1, tensorFlow, progress }), flags.output));
    });
}

function tell({ learned, leftOut, toldApart, parity }: Classified, output: string): string {
  const percent = (share: number | undefined) => (share === undefined ? '-' : `${(100 * share).toFixed(0)} %`);
  const rows = learned.map(({ class: name, bursts, synthetic }, k) => [
    name,
    String(bursts),
    String(synthetic),
    percent(leftOut?.recorded.recall[k]),
    percent(leftOut?.withSynthetic.recall[k]),
  ]);
  return [
    table([['class', 'bursts', 'synthetic', 'right, recorded alone', 'right, with synthetic'], ...rows]),
    '',
    leftOut === undefined
      ? 'How well it does on machines that it has not seen is not known: that takes two machines or more of each class.'
      : `On machines left out ${percent(leftOut.withSynthetic.accuracy)} are right with synthetic bursts, ${percent(leftOut.recorded.accuracy)} without; chance is ${percent(1 / learned.length)}.`,
    `A network that learns to tell synthetic bursts from recorded ones has an AUROC of ${toldApart.toFixed(2)}; .5 would be chance.`,
    `Graphs against plain loops: ${parity.toExponential(1)}`,
    `Bundle: ${output}`,
  ].join('\n');
}

function probability(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('It must be between 0 and 1.');
  return value;
}
