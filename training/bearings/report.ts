/** An evaluation of bearings as JSON and as a table for a terminal. */
import { table } from '../summary.js';
import type { BearingEvaluation } from './evaluate.js';

export function bearingTable({ results, filterPeaksHz }: BearingEvaluation): string {
  const splits = [...new Set(results.map(({ split }) => split))];
  const methods = [...new Set(results.map(({ method }) => method))];
  const cell = (method: string, split: string) => {
    const found = results.find((one) => one.method === method && one.split === split);
    return found === undefined ? '-' : `${found.macroF1.toFixed(3)} ${found.accuracy.toFixed(3)}`;
  };
  const rows = methods.map((method) => [method, ...splits.map((split) => cell(method, split))]);
  const heard = filterPeaksHz.toSorted((a, b) => a - b).join(', ');
  return [
    table([['macro-F1 and share of right names', ...splits.map((split) => `${split} left out`)], ...rows]),
    `First filters of the network on the samples hear best at ${heard} Hz.`,
  ].join('\n\n');
}

export function bearingJson(evaluation: BearingEvaluation): string {
  return `${JSON.stringify(evaluation, undefined, 2)}\n`;
}
