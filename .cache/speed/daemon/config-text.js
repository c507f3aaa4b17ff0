/** Texts in the config that take their content from elsewhere: environment variables, files beside the config, systemd credentials. */
import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { z } from 'zod';
const redacted = '[redacted]';
/** A text that must not be seen: every way of printing it gives `[redacted]`; only `reveal` tells. */
export class Secret {
    origin;
    #text;
    constructor(text, 
    /** Where it came from, for people: `/etc/anomalyd/password`, `$MQTT_PASSWORD`. */
    origin) {
        this.origin = origin;
        this.#text = text;
    }
    reveal() {
        return this.#text;
    }
    equals(other) {
        return other !== undefined && other.#text === this.#text;
    }
    toString() {
        return redacted;
    }
    toJSON() {
        return redacted;
    }
    [Symbol.toPrimitive]() {
        return redacted;
    }
    [inspect.custom]() {
        return redacted;
    }
}
const reference = /\$(\$?)\{([^}]*)\}/g;
/** Puts `${NAME}` and `${NAME:-default}` in place; `$${` stands for a plain `${`. Calls `missing` for what is not set. */
export function substitute(raw, env, missing) {
    return raw.replace(reference, (whole, escaped, body) => {
        if (escaped !== '')
            return whole.slice(1);
        const split = body.indexOf(':-');
        const name = split < 0 ? body : body.slice(0, split);
        const value = env[name];
        if (value !== undefined && (value !== '' || split < 0))
            return value;
        if (split >= 0)
            return body.slice(split + 2);
        missing(name);
        return '';
    });
}
/** The building blocks of the schema that need the context. */
export function configTexts(context) {
    const raw = z.string().min(1, 'must not be empty');
    const text = () => raw.transform((value, check) => substitute(value, context.env, (name) => check.addIssue({ code: 'custom', message: `environment variable ${name} is not set` })));
    /** Relative paths start from the config file's folder. */
    const path = () => text().transform((value) => (value === '' ? value : resolve(context.directory, value)));
    function read(file, addIssue) {
        try {
            return context.readFile(file);
        }
        catch (error) {
            const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
            const why = { ENOENT: 'there is no such file', EACCES: 'no permission to read it', EISDIR: 'it is a folder' }[code] ?? code;
            addIssue(`can't read ${file}: ${why}`);
            return '';
        }
    }
    /** A path whose file is read with the config, so that a missing or unreadable one is found at once. */
    const fileContent = () => path().transform((file, check) => file === ''
        ? new Secret('', file)
        : new Secret(read(file, (message) => check.addIssue({ code: 'custom', message })), file));
    /** A text given in place, by `{env: NAME}`, `{file: path}` or `{credential: name}` (systemd's LoadCredential). */
    const secret = () => z
        .union([
        z.string().min(1).describe('the text itself; better one of the other forms'),
        z.strictObject({ env: z.string().min(1).describe('name of an environment variable') }),
        z.strictObject({ file: z.string().min(1).describe('path of a file; one line end at its end is dropped') }),
        z.strictObject({ credential: z.string().min(1).describe('name of a systemd credential (LoadCredential=)') }),
    ])
        .transform((source, check) => {
        const addIssue = (message) => check.addIssue({ code: 'custom', message });
        const set = (name) => substitute(`\${${name}}`, context.env, unset);
        const unset = (name) => addIssue(`environment variable ${name} is not set`);
        const fromFile = (file) => new Secret(read(file, addIssue).replace(/\r?\n$/, ''), file);
        if (typeof source === 'string')
            return new Secret(substitute(source, context.env, unset), 'the config');
        if ('env' in source)
            return new Secret(set(source.env), `$${source.env}`);
        if ('file' in source)
            return fromFile(resolve(context.directory, substitute(source.file, context.env, unset)));
        const directory = context.env.CREDENTIALS_DIRECTORY;
        if (directory === undefined) {
            addIssue('no systemd credentials here ($CREDENTIALS_DIRECTORY is not set)');
            return new Secret('', 'a systemd credential');
        }
        return fromFile(resolve(directory, source.credential));
    });
    return { text, path, fileContent, secret };
}
