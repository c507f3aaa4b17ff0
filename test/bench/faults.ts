/**
 * `npm run bench:faults -- --seed 1`: what becomes of faults? Eight pumps are learned for a day, or for `--hours`; then they and two that nobody has learned play machine
 * faults, sensor faults and healthy stretches, half an hour each, through `anomalyd replay`. Alerts are held against the simulator's truth. The last line is JSON; with
 * `--verbose` a line for each fault that went wrong comes before it, and for each false alarm; with `--data <folder>` recordings, bundle and alerts are kept.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { EventMessage } from '../../daemon/message/alarm.js';
import { simulate } from '../../simulator/plant.js';
import { writeRecording } from '../../simulator/record.js';
import { signalNames } from '../../simulator/signals.js';
import { count } from './faults/count.js';
import { learned, normalHours, planRuns, play, rateHz, startMs, truthOf } from './faults/plan.js';
import { programs } from './plant/bundle.js';

const { values: flags } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    hours: { type: 'string', default: '24' },
    verbose: { type: 'boolean', default: false },
    data: { type: 'string' },
  },
});
const seed = Number(flags.seed);
const hours = Number(flags.hours);
const dir = path.resolve(flags.data ?? mkdtempSync(path.join(tmpdir(), 'anomalyd-faults-')));
mkdirSync(dir, { recursive: true });
const file = (name: string) => path.join(dir, name);
const run = (program: string, ...args: string[]) =>
  execFileSync(process.execPath, [path.join(programs, program), ...args], { cwd: dir, stdio: ['ignore', 2, 2] });

const bundle = `bundle-${seed}-${hours}h`;
if (!existsSync(file(bundle))) await learn();
const runs = planRuns(seed);
await writeRecording(play(runs, seed), file('played.ndjson'), 'ndjson');
run('daemon/cli.js', 'replay', '--bundle', bundle, '--input', 'played.ndjson', '--alerts', 'alerts.ndjson');
const alerts = readFileSync(file('alerts.ndjson'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as EventMessage);
const truth = truthOf(runs);
const { counted, cases, falseAlarms } = count(truth, alerts);
if (flags.data === undefined) rmSync(dir, { recursive: true });
if (flags.verbose) {
  for (const { fault, delayS, first, last, verdicts, trouble } of cases)
    if (trouble.length > 0)
      console.error(
        `${fault.asset} ${fault.fault} ${fault.kind === 'sensor' ? fault.signals.join() : ''}: ${trouble.join()}; after ${delayS} s, first ${first}, last ${last}; ${verdicts.join(', ')}`,
      );
  for (const { asset, time, diagnostics } of falseAlarms)
    console.error(`${asset} false alarm at ${time}: ${diagnostics.map(({ signal }) => signal).join()}`);
}
console.log(JSON.stringify({ faults: { ...counted, normalHours: Number(normalHours(runs).toFixed(1)) } }));

async function learn(): Promise<void> {
  await writeRecording(
    simulate({ seed, rateHz, startMs, assets: learned, durationS: hours * 3600 }),
    file('normal.ndjson'),
    'ndjson',
  );
  writeFileSync(file('train.json'), JSON.stringify({ seed, data: { files: 'normal.ndjson' }, signals: signalNames }));
  run('training/cli.js', 'fit', '--config', 'train.json', '--output', bundle);
}
