/** What the command lines of the simulator share: numbers, the way to a broker, and how they end. */
import { type Command, CommanderError, InvalidArgumentError } from 'commander';
import { UserError } from '../model/errors.js';

/** A parser for an option: a number in [low, high]. */
export function parseNumber(low: number, high: number, whole: boolean): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= low && value <= high) || (whole && !Number.isInteger(value))) {
      throw new InvalidArgumentError(`It must be a ${whole ? 'whole ' : ''}number from ${low} to ${high}.`);
    }
    return value;
  };
}

/** The options of `ConnectionOptions`, but for the URL. */
export function withConnectionFlags(command: Command): Command {
  return command
    .option('--username <name>', 'user on the broker')
    .option('--password-file <file>', 'file that holds the password')
    .option('--ca <file>', "certificate of the authority that signed the broker's, PEM")
    .option('--cert <file>', 'certificate of the client, PEM')
    .option('--key <file>', 'its private key, PEM');
}

/** Parses `process.argv` and runs; a bad option or a `UserError` is one paragraph on stderr and exit code 78, a bug crashes. */
export async function runCommand(program: Command): Promise<void> {
  for (const command of [program, ...program.commands]) command.exitOverride();
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      // commander has printed it, and help is no error.
      process.exitCode = error.exitCode === 0 ? 0 : UserError.exitCode;
    } else if (error instanceof UserError) {
      console.error(error.message);
      process.exitCode = UserError.exitCode;
    } else throw error;
  }
}
