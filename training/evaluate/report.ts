/** An evaluation as JSON and as a table for a terminal. */
import { table } from '../summary.js';
import { type Evaluation, type Method, methods } from './evaluate.js';
import type { Summary } from './summary.js';

export const methodTitles: Readonly<Record<Method, string>> = {
  anomalyd: 'anomalyd',
  pca: 'PCA, T2 and Q',
  zscore: 'largest |z|',
  random: 'random',
  alwaysOn: 'always on',
};

/** Columns of every table of summaries: a title and the cell. */
export const columns: readonly (readonly [string, (summary: Summary) => string])[] = [
  ['F1', ({ f1 }) => f1.toFixed(3)],
  ['FAR %', ({ far }) => far.toFixed(1)],
  ['MAR %', ({ mar }) => mar.toFixed(1)],
  ['VUS-PR', ({ vusPr }) => number(vusPr, 3)],
  ['AUC-PR', ({ aucPr }) => number(aucPr, 3)],
  ['events', ({ events, eventsFound }) => `${round(eventsFound)} of ${round(events)}`],
  ['false alarms/h', ({ falseAlarmsPerNormalHour }) => number(falseAlarmsPerNormalHour, 2)],
  ['median delay', ({ medianDelayS }) => (medianDelayS === null ? '-' : `${round(medianDelayS)} s`)],
];

const number = (value: number | null, digits: number): string => value?.toFixed(digits) ?? '-';
const round = (value: number): string => String(Math.round(10 * value) / 10);

/** The summary of every method, then what NAB scores are there. */
export function tableOf({ summary, nab }: Evaluation): string {
  const measures = table([
    ['method', ...columns.map(([title]) => title)],
    ...methods.map((method) => [methodTitles[method], ...columns.map(([, cell]) => cell(summary[method]))]),
  ]);
  if (nab === undefined) return measures;
  const profiles = Object.keys(nab.anomalyd.fixed);
  const kinds = ['fixed', 'optimised', 'alerts'] as const;
  const nabTable = table([
    ['NAB score', ...kinds.flatMap((kind) => profiles.map((profile) => `${profile}, ${kind}`))],
    ...methods.map((method) => [
      methodTitles[method],
      ...kinds.flatMap((kind) => profiles.map((profile) => number(nab[method][kind][profile] ?? null, 1))),
    ]),
  ]);
  return `${measures}\n\n${nabTable}`;
}

export function jsonOf({ set, files, summary, perFile, nab }: Evaluation): string {
  const document = {
    set,
    files,
    summary,
    perFile: perFile.map(({ file, rows, chain, measures }) => ({ file, rows, chain, ...measures })),
    ...(nab === undefined ? {} : { nab }),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
