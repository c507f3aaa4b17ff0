/** The config file -> a checked `Config`, or every problem with its line and key. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { UserError } from '../model/errors.js';
import { parseYamlConfig } from '../model/yaml.js';
import { type Config, configSchema } from './config.js';
import type { ConfigContext } from './config-text.js';

/** What the process itself offers: its environment, host name and files. */
export function hostContext(configFile: string): ConfigContext {
  return {
    env: process.env,
    directory: dirname(resolve(configFile)),
    hostname: hostname(),
    readFile: (path) => readFileSync(path, 'utf8'),
  };
}

/** A problem that shows only when the config meets the world: a bundle that does not load, a signal that it does not have. */
export interface LateProblem {
  /** Keys from the root: `['inputs', 0, 'bundle']`. */
  readonly key: readonly (string | number)[];
  readonly message: string;
}

/**
 * Reads, checks and resolves the config; it is never written. `late` problems are put in their places among the others.
 * @throws UserError that lists every problem
 */
export function loadConfig(
  file: string,
  context: ConfigContext = hostContext(file),
  late: readonly LateProblem[] = [],
): Config {
  const schema = configSchema(context).superRefine((_, check) => {
    for (const { key, message } of late) check.addIssue({ code: 'custom', path: [...key], message });
  });
  return parseYamlConfig(readConfigText(file, context), file, schema);
}

function readConfigText(file: string, context: ConfigContext): string {
  try {
    return context.readFile(resolve(file));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === undefined) throw error;
    const why = code === 'ENOENT' ? 'there is no such file.' : `can't be read (${String(code)}).`;
    throw new UserError(why, { file }, 'Name the config with --config, or let `anomalyd config init` write one.', {
      cause: error,
    });
  }
}

/** What only a restart can change: others know us by it, or our memory lies there. @throws UserError */
export function checkFixed(before: Config, after: Config, file: string): void {
  const fixed = [
    ['gateway', before.gateway, after.gateway],
    ['publish.base', before.publish.base, after.publish.base],
    ['stateDir', before.stateDir, after.stateDir],
  ] as const;
  for (const [key, was, is] of fixed)
    if (was !== is)
      throw new UserError('A reload can not change this.', { file, key }, 'Restart anomalyd to change it.');
}
