/** The SKAB walk-through as it went: what docs/skab.md left behind, beside the labels of the file. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './runner.js';
/** SKAB's `data` folder, if it is here. */
export const skab = process.env.ANOMALYD_SKAB ?? path.resolve(root, '../shared/data/skab');
export const hasSkab = existsSync(path.join(skab, 'other'));
export function readWalk(dir) {
    const lines = (file) => readFileSync(path.join(dir, file), 'utf8').trimEnd().split('\n');
    const parse = (file) => lines(file)
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    const scores = parse('scores.ndjson');
    const rows = lines('pump.csv').map((line) => line.split(';'));
    const header = rows.shift() ?? [];
    const seconds = (text = '') => Date.parse(`${text.replace(' ', 'T')}Z`) / 1000;
    const at = (name) => header.indexOf(name);
    const labelled = rows.filter((row) => Number(row[at('anomaly')]) !== 0).map((row) => seconds(row[0]));
    return {
        times: scores.map(({ time }) => Date.parse(time) / 1000),
        severity: scores.map(({ severity }) => severity),
        alerts: parse('alerts.ndjson'),
        label: { from: Math.min(...labelled), to: Math.max(...labelled) },
        column: (name) => ({
            times: rows.map((row) => seconds(row[0])),
            values: rows.map((row) => Number(row[at(name)])),
        }),
    };
}
