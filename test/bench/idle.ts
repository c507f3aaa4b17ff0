/** `npm run bench:idle`: what the daemon takes of a core with 100 assets that send a row a second. */
import { parseArgs } from 'node:util';
import { machine, round } from './plant/processes.js';
import { DaemonTrial } from './plant/trial.js';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, profile: { type: 'string' } } });
const assets = 100;
const nodeArgs = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
const trial = await DaemonTrial.start({ shape: 'row1', qos: 0, assets, nodeArgs });
// Code that is hot after some minutes is compiled first, as in the other benches.
await trial.burst(5000, 3);
await trial.burst(assets, 3);
const { cpu, rssMb, dropped } = await trial.burst(assets, Number(values.seconds));
await trial.stop();
console.log(
  JSON.stringify({
    bench: 'idle',
    assets,
    cpuPercent: round(100 * cpu, 1),
    rssMb: round(rssMb),
    dropped,
    machine: machine(),
  }),
);
