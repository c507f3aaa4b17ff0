/** An evaluation as JSON and as a table for a terminal. */
import { table } from '../summary.js';
import type { Ranked } from './choose.js';
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

/** How each chain did on injected faults: header and rows. */
export function choiceRows(choice: readonly Ranked[]): string[][] {
  return [
    ['chain, on injected faults', 'merit', ...columns.map(([title]) => title), 'false alarms/h without faults'],
    ...choice.map(({ name, merit, summary, falseAlarmsPerNormalHour }) => [
      name,
      merit.toFixed(3),
      ...columns.map(([, cell]) => cell(summary)),
      number(falseAlarmsPerNormalHour, 2),
    ]),
  ];
}

const nabKinds = {
  fixed: 'every row at the fixed threshold',
  optimised: 'every row, optimised',
  newsFixed: 'news at the fixed threshold',
  newsOptimised: 'news, optimised',
} as const;

/** NAB scores: header and rows; a row is a method judged in one way. */
export function nabRows(nab: NonNullable<Evaluation['nab']>): string[][] {
  const profiles = Object.keys(nab.anomalyd.fixed);
  const kinds = Object.entries(nabKinds) as (readonly [keyof typeof nabKinds, string])[];
  return [
    ['NAB score', 'detections', ...profiles],
    ...kinds.flatMap(([kind, title]) =>
      methods.map((method) => [
        methodTitles[method],
        title,
        ...profiles.map((profile) => number(nab[method][kind][profile] ?? null, 1)),
      ]),
    ),
  ];
}

/** Missed detections of each method: header and rows. */
export function tepRows(tep: NonNullable<Evaluation['tep']>): string[][] {
  const faults = [...new Set(methods.flatMap((method) => Object.keys(tep[method]?.byFault ?? {})))];
  return [
    ['missed at 1 % false alarms, %', 'mean but for 3, 9, 15', ...faults],
    ...methods.map((method) => [
      methodTitles[method],
      number(tep[method]?.mean ?? null, 1),
      ...faults.map((fault) => number(tep[method]?.byFault[fault] ?? null, 1)),
    ]),
  ];
}

/** How the chain was chosen, the summary of every method, then what else the set is judged by. */
export function tableOf({ choice, summary, nab, tep }: Evaluation): string {
  const tables = [
    ...(choice === undefined ? [] : [table(choiceRows(choice))]),
    table([
      ['method', ...columns.map(([title]) => title)],
      ...methods.map((method) => [methodTitles[method], ...columns.map(([, cell]) => cell(summary[method]))]),
    ]),
  ];
  if (nab !== undefined) tables.push(table(nabRows(nab)));
  if (tep !== undefined) tables.push(table(tepRows(tep)));
  return tables.join('\n\n');
}

export function jsonOf({ set, files, summary, perFile, nab, tep, choice }: Evaluation): string {
  const document = {
    set,
    files,
    summary,
    perFile: perFile.map(({ file, rows, chain, measures }) => ({ file, rows, chain, ...measures })),
    ...(nab === undefined ? {} : { nab }),
    ...(tep === undefined ? {} : { tep }),
    ...(choice === undefined ? {} : { choice }),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
