/** Which files of a published layout are there: `--data` may hold any sub-set. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../model/errors.js';
/** Paths of files below `root`, relative, in natural order (`2` before `10`). @throws UserError where `root` is no folder */
export function listFiles(root, suffix) {
    if (!existsSync(root) || !statSync(root).isDirectory())
        throw new UserError('is not a folder.', { file: root }, '--data takes the folder of a data set in its published layout.');
    return readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith(suffix) && statSync(join(root, path)).isFile())
        .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
/** @throws UserError where nothing was found */
export function requireSome(found, root, layout) {
    if (found.length === 0)
        throw new UserError(`holds none of ${layout}.`, { file: root }, 'Is it the folder as published?');
    return found;
}
