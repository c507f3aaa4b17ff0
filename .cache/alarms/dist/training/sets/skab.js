/** SKAB, a water pump test rig (8 channels, 1 Hz): `<group>/<n>.csv`, rows 0..399 of each file are normal. */
import { join } from 'node:path';
import { UserError } from '../../model/errors.js';
import { listFiles, requireSome } from './folders.js';
import { readText } from './table.js';
const fitRows = 400;
const groups = new Set(['valve1', 'valve2', 'other']);
export function loadSkab(root) {
    const files = listFiles(root, '.csv').filter((path) => groups.has(path.split('/').at(-2) ?? ''));
    return requireSome(files, root, 'valve1/*.csv, valve2/*.csv, other/*.csv').map((path) => loadFile(root, path));
}
function loadFile(root, path) {
    const file = join(root, path);
    const lines = readText(file).trimEnd().split(/\r?\n/);
    const header = (lines[0] ?? '').split(';');
    const label = header.indexOf('anomaly');
    if (header[0] !== 'datetime' || label < 2)
        throw new UserError('has no columns "datetime" and "anomaly".', { file, line: 1 }, 'SKAB files are separated by ";".');
    const channels = header.slice(1, label);
    const rows = lines.length - 1;
    const values = new Float64Array(rows * channels.length);
    const labels = new Uint8Array(rows);
    const timesS = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
        const cells = lines[row + 1].split(';');
        const numbers = cells.slice(1, label + 1).map(Number);
        const timeMs = Date.parse(`${(cells[0] ?? '').replace(' ', 'T')}Z`);
        if (numbers.length !== channels.length + 1 || numbers.some(Number.isNaN) || Number.isNaN(timeMs))
            throw new UserError('is not a row of a time and numbers.', { file, line: row + 2 });
        values.set(numbers.slice(0, -1), row * channels.length);
        labels[row] = numbers[channels.length] === 1 ? 1 : 0;
        timesS[row] = timeMs / 1000;
    }
    const name = path.slice(0, -'.csv'.length).split('/').slice(-2).join('/');
    return { name, channels: channels.map(slug), periodMs: 1000, rows, values, fitRows, labels, timesS };
}
/** Signal names as bundles take them: no spaces. */
function slug(name) {
    return name.trim().replaceAll(/\s+/g, '_');
}
//# sourceMappingURL=skab.js.map