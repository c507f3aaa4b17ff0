/** `anomalyd-train report`: a bundle and recordings -> one page to judge it by. */
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { UserError } from '../../model/errors.js';
import { trainingReport } from '../report/report.js';

interface Flags {
  readonly bundle: string;
  readonly data?: readonly string[];
  readonly output: string;
}

export function reportCommand(
  print: (text: string) => void = (text) => void process.stdout.write(`${text}\n`),
): Command {
  return new Command('report')
    .description('one page about a bundle: what it learned, how it scores, what it catches and what it misses')
    .requiredOption('-b, --bundle <dir>', 'what `fit` wrote')
    .option(
      '-d, --data <files...>',
      'recordings of normal operation (CSV or NDJSON); default: those it learned from, where they were',
    )
    .requiredOption('-o, --output <report.html>', 'where the page goes')
    .action(async ({ bundle, data, output }: Flags) => {
      const { page, missing } = await trainingReport({ bundle, recordings: data });
      await writeFile(output, page).catch((cause: NodeJS.ErrnoException) => {
        throw new UserError(`can't be written: ${cause.message}.`, { file: output }, 'Name another file.', { cause });
      });
      if (missing !== undefined) print(`Warning: ${missing}`);
      print(`Report: ${output}`);
    });
}
