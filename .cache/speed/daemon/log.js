/** The daemon's log: one line an event on standard error, as text for people or JSON for collectors. */
import pino from 'pino';
import pretty from 'pino-pretty';
import { Secret } from './config-text.js';
/** Names of fields whose content never reaches the log, wherever they come from. */
const secretFields = ['password', 'passphrase', 'privateKey', 'token', 'secret', 'authorization'];
const systemdPriority = { fatal: 2, error: 3, warn: 4, info: 6, debug: 7, trace: 7 };
/**
 * Writes in the process itself, line by line: nothing is lost when it ends.
 * `journal` puts systemd's priorities before each line of text and leaves out the time, which the journal has.
 */
export function createLog(config, target = process.stderr, { journal = false, color = false } = {}) {
    const options = {
        level: config.level,
        base: null,
        redact: { paths: secretFields.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
        serializers: { err: errorFields },
        formatters: {
            level: (label) => ({ level: label }),
            log: (fields) => Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, plain(value)])),
        },
        timestamp: pino.stdTimeFunctions.isoTime,
    };
    if (config.format === 'json')
        return pino(options, target);
    const format = pretty.prettyFactory({
        colorize: color,
        singleLine: true,
        ignore: journal ? 'pid,hostname,time' : 'pid,hostname',
        translateTime: false,
        ...(journal && { customPrettifiers: { level: (level) => `<${systemdPriority[String(level)] ?? 6}>${level}` } }),
    });
    return pino(options, { write: (line) => void target.write(format(line)) });
}
function plain(value) {
    return value instanceof Secret ? value.toString() : value;
}
/** An error as a user needs it; the stack only at the levels where someone debugs, and only for bugs. */
function errorFields(error) {
    if (!(error instanceof Error))
        return error;
    const code = 'code' in error ? { code: error.code } : {};
    return { type: error.name, message: error.message, ...code };
}
