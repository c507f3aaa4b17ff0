#!/usr/bin/env node
/** The program `anomalyd`: finds the command, loads only its code, and ends with one paragraph where the user can mend what is wrong. */
import { Command } from 'commander';
import { UserError } from '../model/errors.js';
import { packageVersion } from './version.js';

/** Commands with what `anomalyd --help` says of them; their code is loaded when they are used, because a start must be quick. */
const commands: Readonly<Record<string, { readonly says: string; readonly load: () => Promise<Command> }>> = {
  run: {
    says: 'listen, score, tell: the daemon',
    load: async () => (await import('./commands/run.js')).runCommand(),
  },
  check: {
    says: 'check config, bundles and broker, and list every problem',
    load: async () => (await import('./commands/check.js')).checkCommand(),
  },
  doctor: {
    says: 'listen on a live system and explain what is wrong with it',
    load: async () => (await import('./commands/doctor.js')).doctorCommand(),
  },
  config: {
    says: 'write a config: from live messages, or an example',
    load: async () => (await import('./commands/config.js')).configCommand(),
  },
  replay: {
    says: "score a recording by the daemon's own path",
    load: async () => (await import('./commands/replay.js')).replayCommand(),
  },
  record: {
    says: 'record topics to a file that training reads',
    load: async () => (await import('./commands/record.js')).recordCommand(),
  },
  bundle: {
    says: 'look at a bundle, install it, roll it back',
    load: async () => (await import('./commands/bundle.js')).bundleCommand(),
  },
};

async function program(args: readonly string[]): Promise<Command> {
  const version = packageVersion();
  const anomalyd = new Command('anomalyd')
    .description('Anomaly detection for machines on an edge gateway: MQTT in, alarms and metrics out.')
    .version(version, '-V, --version')
    .showHelpAfterError('(see --help)')
    .showSuggestionAfterError();
  // `help run` needs the command's own code, too.
  const wanted = args.find((arg) => Object.hasOwn(commands, arg));
  for (const [name, { says, load }] of Object.entries(commands))
    anomalyd.addCommand(name === wanted ? await load() : new Command(name).description(says));
  anomalyd
    .command('version')
    .description('print the version')
    .action(() => console.log(version));
  return anomalyd;
}

async function main(args: readonly string[]): Promise<void> {
  try {
    await (await program(args)).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`anomalyd: ${error.message}\n`);
    process.exitCode = UserError.exitCode;
    // Sockets or a worker may still be there.
    process.exit();
  }
}

await main(process.argv.slice(2));
