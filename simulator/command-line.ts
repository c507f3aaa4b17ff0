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

/**
 * Parses and runs; resolves with the exit code. A bad option or a `UserError` is one paragraph on standard error and exit code 78; a bug
 * rejects. An exit code that the command set itself stands.
 */
export async function runCommand(program: Command, args: readonly string[]): Promise<number> {
  for (const command of [program, ...program.commands]) command.exitOverride();
  try {
    await program.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    // commander has printed it, and help is no error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : UserError.exitCode;
    if (!(error instanceof UserError)) throw error;
    console.error(error.message);
    return UserError.exitCode;
  }
}

/** Aborts when the program is asked to end. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  return stop.signal;
}
