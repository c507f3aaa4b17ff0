/** A connection to an MQTT broker from command-line options. */
import { readFileSync } from 'node:fs';
import { connectAsync } from 'mqtt';
import { UserError } from '../model/errors.js';
/** Connects once; throws `UserError` where the broker can't be reached or refuses. */
export async function openConnection(options) {
    const read = (path, key) => {
        try {
            return readFileSync(path);
        }
        catch (cause) {
            const why = cause instanceof Error ? cause.message : String(cause);
            throw new UserError(`can't read it: ${why}.`, { file: path, key }, 'Name a readable file.', { cause });
        }
    };
    const mqtt = {
        ...(options.clientId === undefined ? {} : { clientId: options.clientId }),
        ...(options.username === undefined ? {} : { username: options.username }),
        ...(options.passwordFile === undefined
            ? {}
            : {
                password: read(options.passwordFile, '--password-file')
                    .toString('utf8')
                    .replace(/\r?\n$/, ''),
            }),
        ...(options.ca === undefined ? {} : { ca: read(options.ca, '--ca') }),
        ...(options.cert === undefined ? {} : { cert: read(options.cert, '--cert') }),
        ...(options.key === undefined ? {} : { key: read(options.key, '--key') }),
        connectTimeout: 10_000,
    };
    try {
        // Without retries: a person stands before this program and can mend what is wrong.
        return await connectAsync(options.broker, mqtt, false);
    }
    catch (cause) {
        throw new UserError(`can't connect to ${withoutCredentials(options.broker)}: ${reasonOf(cause)}.`, { key: '--broker' }, 'Is the broker running there, and do user, password and certificates match?', { cause });
    }
}
/** `AggregateError` of a host with several addresses has no message of its own. */
function reasonOf(cause) {
    const inner = cause instanceof AggregateError ? cause.errors[0] : cause;
    return inner instanceof Error && inner.message !== '' ? inner.message : String(inner);
}
function withoutCredentials(url) {
    return url.replace(/\/\/[^@/]*@/, '//');
}
