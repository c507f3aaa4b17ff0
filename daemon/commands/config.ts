/** `anomalyd config`: an example, a schema for editors, and a config proposed from live traffic. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { UserError } from '../../model/errors.js';
import { configExample, configJsonSchema } from '../config-example.js';
import { completeOptions, type Dialogue, type InitOptions, proposeConfig } from './config-init.js';

type InitFlags = Partial<InitOptions> & Pick<InitOptions, 'duration'> & { readonly output?: string };

const anotherOutput = 'Give another --output.';

export function configCommand(): Command {
  const print = (text: string) => void process.stdout.write(text);
  const command = new Command('config').description('write a config');
  command
    .command('init')
    .description(
      'listen to live messages and propose a config that reads them; asks on a terminal when --broker is left out. An existing file is never overwritten',
    )
    .option('-b, --broker <url>', 'e.g. mqtt://localhost:1883')
    .option('-t, --topic <filter>', 'topics to listen to, e.g. plant/#; default: all')
    .option('-d, --duration <time>', 'how long to listen', '15s')
    .option('--bundle <dir>', 'folder of the bundle, which need not exist yet; default: ./bundle')
    .option('-o, --output <file>', 'file to write; default: standard output')
    .option('--username <name>', 'at the broker')
    .option('--password-file <file>', 'file that holds the password; the config names the file, not the password')
    .option('--ca <file>', 'PEM file of the authority of the broker')
    .option('--cert <file>', 'PEM file of our certificate')
    .option('--key <file>', 'PEM file of its key')
    .action(async ({ output, ...flags }: InitFlags) => {
      // Before anybody answers questions or waits for messages.
      if (output !== undefined && existsSync(output)) throw isThere(output);
      const text = await inDialogue(flags.broker === undefined, async (dialogue) =>
        proposeConfig(await completeOptions(flags, dialogue), dialogue),
      );
      if (output === undefined) print(text);
      else {
        await writeNew(output, text);
        process.stderr.write(`Written to ${output}. Next: anomalyd check --config ${output}\n`);
      }
    });
  command
    .command('example')
    .description('every setting with its description and default')
    .action(() => print(configExample()));
  command
    .command('schema')
    .description('JSON Schema of the config, for editors')
    .action(() => print(`${JSON.stringify(configJsonSchema(), undefined, 2)}\n`));
  return command;
}

/** Talks on standard error, so that standard output is the config alone. */
async function inDialogue(asks: boolean, talk: (dialogue: Dialogue) => Promise<string>): Promise<string> {
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  if (!asks || process.stdin.isTTY !== true) return talk({ say });
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ask = async (question: string, fallback: string) => {
    const answer = await terminal.question(`${question}${fallback === '' ? '' : ` [${fallback}]`} `);
    return answer.trim() === '' ? fallback : answer.trim();
  };
  try {
    return await talk({ say, ask });
  } finally {
    terminal.close();
  }
}

/** @throws UserError where there is something already: a config is the user's own */
export async function writeNew(file: string, text: string): Promise<void> {
  await writeFile(file, text, { flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EEXIST') throw isThere(file);
    throw new UserError(`can't be written (${cause.code ?? cause.message}).`, { file }, anotherOutput, { cause });
  });
}

function isThere(file: string): UserError {
  return new UserError('there is a file already.', { file }, anotherOutput);
}
