/** A comparison as a table for people. */
import { faultKinds } from '../injection/faults.js';
import { table } from '../summary.js';
import type { Compared, Comparison } from './compare.js';

const columns: Readonly<Record<string, (one: Compared) => string>> = {
  detector: ({ name }) => name,
  parameters: ({ parameters }) => String(parameters),
  'held out': ({ losses }) => losses.validate.toFixed(3),
  error: ({ error }) => fixed(error, 2),
  'severity 50 %': ({ severity }) => fixed(severity.median, 2),
  '99 %': ({ severity }) => fixed(severity.p99, 2),
  false: ({ falseAlarms }) => String(falseAlarms),
  caught: ({ injections }) => percent(injections.caught),
  ...Object.fromEntries(
    faultKinds.map((kind) => [kind, ({ injections }: Compared) => percent(injections.byKind[kind])]),
  ),
  sensor: ({ injections }) => percent(injections.sensorNamed),
  blamed: ({ injections }) => percent(injections.blamed),
  delay: ({ injections }) => (Number.isNaN(injections.delayFrames) ? '-' : String(injections.delayFrames)),
  'us a frame': ({ msPerFrame }) => (1000 * msPerFrame).toFixed(0),
  'of 64': ({ batchedMsPerFrame }) => (1000 * batchedMsPerFrame).toFixed(1),
  KiB: ({ bytes }) => (bytes / 1024).toFixed(1),
  'training s': ({ seconds }) => seconds.toFixed(1),
};

/** What could not be measured is a dash. */
function fixed(value: number, digits: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(digits);
}

export function comparisonTable({ recipes, failed, trial, warnings }: Comparison): string {
  const days = recipes[0]?.machineDays ?? 0;
  return [
    table([Object.keys(columns), ...recipes.map((one) => Object.values(columns).map((cell) => cell(one)))]),
    '',
    `Judged on the last ${trial.frames} frames (${days.toFixed(2)} machine-days), which none has seen. held out: the recipe's own loss, comparable between recipes of one kind; error: measured minus expected, in normal spreads; false: alarms without a fault.`,
    trial.places === 0
      ? `No fault could be injected: that takes a stretch of ${trial.lead + trial.fault} frames.`
      : `caught: share of the faults injected into one signal at a time, ${trial.fault} frames each, at ${trial.places} place(s), by kind; sensor: share without an alarm whose sensor the health tests name; blamed: of the caught, the spoiled signal first in the evidence; delay: median frames to the alarm. us a frame: the graph alone, for one machine, and of 64 in one call.`,
    ...failed.map(({ name, reason }) => `${name}: not compared: ${reason}`),
    ...warnings.map((warning) => `Warning: ${warning}`),
  ].join('\n');
}

const percent = (share: number): string => (Number.isNaN(share) ? '-' : `${Math.round(100 * share)} %`);
