/** Tennessee Eastman process (52 variables, 3 min): `d00` is normal and fitted on; in each `dNN_te` the fault begins at row 160. */
import { join } from 'node:path';
import { listFiles, requireSome } from './folders.js';
import { evenTimes, numberedChannels } from './series.js';
import { readTable, stack, transpose } from './table.js';
const periodMs = 180_000;
const onsetRow = 160;
const variables = 52;
export function loadTep(root) {
    const normal = readTable(join(root, 'd00.dat'));
    // published turned by 90 degrees, alone of all files
    const fit = normal.columns === variables ? normal : transpose(normal);
    const tests = [...listFiles(root, '_te.dat'), ...listFiles(root, '_te.dat.gz')].map((path) => path.replace(/\.gz$/, ''));
    return requireSome(tests, root, 'dNN_te.dat').map((path) => {
        const { rows, columns, values } = stack(fit, readTable(join(root, path)));
        const name = path.slice(0, 3);
        const labels = new Uint8Array(rows);
        if (name !== 'd00')
            labels.fill(1, fit.rows + onsetRow);
        const channels = numberedChannels(columns);
        return { name, channels, periodMs, rows, values, fitRows: fit.rows, labels, timesS: evenTimes(rows, periodMs) };
    });
}
