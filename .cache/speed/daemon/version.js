/** Which version this is: the package's, wherever it was installed or compiled to. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
export function packageVersion(from = import.meta.url) {
    for (const up of ['../package.json', '../../package.json']) {
        const file = fileURLToPath(new URL(up, from));
        if (!existsSync(file))
            continue;
        const { name, version } = JSON.parse(readFileSync(file, 'utf8'));
        if (name === 'anomalyd' && version !== undefined)
            return version;
    }
    return 'unknown';
}
