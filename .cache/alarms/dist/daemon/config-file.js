/** The config file -> a checked `Config`, or every problem with its line and key. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { UserError } from '../model/errors.js';
import { parseYamlConfig } from '../model/yaml.js';
import { configSchema } from './config.js';
/** What the process itself offers: its environment, host name and files. */
export function hostContext(configFile) {
    return {
        env: process.env,
        directory: dirname(resolve(configFile)),
        hostname: hostname(),
        readFile: (path) => readFileSync(path, 'utf8'),
    };
}
/**
 * Reads, checks and resolves the config; it is never written. `late` problems are put in their places among the others.
 * @throws UserError that lists every problem
 */
export function loadConfig(file, context = hostContext(file), late = []) {
    const schema = configSchema(context).superRefine((_, check) => {
        for (const { key, message } of late)
            check.addIssue({ code: 'custom', path: [...key], message });
    });
    return parseYamlConfig(readConfigText(file, context), file, schema);
}
function readConfigText(file, context) {
    try {
        return context.readFile(resolve(file));
    }
    catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        if (code === undefined)
            throw error;
        const why = code === 'ENOENT' ? 'there is no such file.' : `can't be read (${String(code)}).`;
        throw new UserError(why, { file }, 'Name the config with --config, or let `anomalyd config init` write one.', {
            cause: error,
        });
    }
}
//# sourceMappingURL=config-file.js.map