/** `anomalyd-train synth`: synthetic bursts of faults, as a table. */
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { quoted } from '../../model/csv.js';
import { UserError } from '../../model/errors.js';
import { synthesise } from '../classify/synthesise.js';
import { count, wholeNumber } from './numbers.js';

interface Flags {
  readonly bundle: string;
  readonly class?: readonly string[];
  readonly count: number;
  readonly seed: number;
  readonly output: string;
}

export function synthCommand(
  print: (text: string) => void = (text) => void process.stdout.write(`${text}\n`),
): Command {
  return new Command('synth')
    .description('synthetic bursts of the faults that `classify` taught a bundle, as a CSV file')
    .requiredOption('-b, --bundle <dir>', 'what `classify` wrote')
    .option('-c, --class <names...>', 'kinds of fault; all by default')
    .option('-n, --count <n>', 'bursts of each kind', count, 100)
    .option('-s, --seed <n>', 'other bursts for another number', wholeNumber, 1)
    .requiredOption('-o, --output <file.csv>', 'where they go')
    .action(async ({ class: classes, output, ...flags }: Flags) => {
      const { names, rows } = await synthesise({ ...flags, classes });
      const lines = [
        ['class', ...names].map(quoted).join(),
        ...rows.map((row) => [quoted(row.class), ...row.features.map((value) => value.toPrecision(6))].join()),
      ];
      await writeFile(output, `${lines.join('\n')}\n`).catch((cause: NodeJS.ErrnoException) => {
        throw new UserError(`can't be written: ${cause.message}.`, { file: output }, 'Name another file.', { cause });
      });
      print(`${rows.length} bursts: ${output}`);
    });
}
