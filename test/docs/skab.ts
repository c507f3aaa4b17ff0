/** The SKAB walk-through as it went: what docs/skab.md left behind, beside the labels of the file. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { EventMessage } from '../../daemon/message/alarm.js';
import { root } from './runner.js';

/** SKAB's `data` folder, if it is here. */
export const skab = process.env.ANOMALYD_SKAB ?? path.resolve(root, '../shared/data/skab');
export const hasSkab = existsSync(path.join(skab, 'other'));

export interface Walk {
  readonly times: readonly number[];
  readonly severity: readonly number[];
  readonly alerts: readonly EventMessage[];
  /** First and last labelled time, seconds since 1970. */
  readonly label: { readonly from: number; readonly to: number };
  /** A column of the file by its header, and its times. */
  column(name: string): { readonly times: number[]; readonly values: number[] };
}

export function readWalk(dir: string): Walk {
  const lines = (file: string) => readFileSync(path.join(dir, file), 'utf8').trimEnd().split('\n');
  const parse = <T>(file: string) =>
    lines(file)
      .filter(Boolean)
      .map((line) => JSON.parse(line) as T);
  const scores = parse<{ time: string; severity: number }>('scores.ndjson');
  const rows = lines('pump.csv').map((line) => line.split(';'));
  const header = rows.shift() ?? [];
  const seconds = (text = '') => Date.parse(`${text.replace(' ', 'T')}Z`) / 1000;
  const at = (name: string) => header.indexOf(name);
  const labelled = rows.filter((row) => Number(row[at('anomaly')]) !== 0).map((row) => seconds(row[0]));
  return {
    times: scores.map(({ time }) => Date.parse(time) / 1000),
    severity: scores.map(({ severity }) => severity),
    alerts: parse<EventMessage>('alerts.ndjson'),
    label: { from: Math.min(...labelled), to: Math.max(...labelled) },
    column: (name) => ({
      times: rows.map((row) => seconds(row[0])),
      values: rows.map((row) => Number(row[at(name)])),
    }),
  };
}
