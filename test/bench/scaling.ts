/** `npm run bench:scaling`: processor time a frame by the number of assets: flat, if cost grows linearly. */
import { parseArgs } from 'node:util';
import { machine, round } from './plant/processes.js';
import { DaemonTrial } from './plant/trial.js';

const { values } = parseArgs({ options: { assets: { type: 'string', multiple: true }, rate: { type: 'string' } } });
const rate = Number(values.rate ?? 40_000);
for (const assets of (values.assets ?? ['50', '200', '1000', '5000']).map(Number)) {
  const trial = await DaemonTrial.start({ shape: 'row1', qos: 0, assets });
  await trial.burst(rate, Math.max(2, (20 * assets) / rate));
  const { cpu, rssMb, dropped } = await trial.burst(rate, Math.max(4, (20 * assets) / rate));
  await trial.stop();
  const cpuUsPerFrame = round((cpu * 1e6) / rate, 2);
  console.log(
    JSON.stringify({ bench: 'scaling', assets, rate, cpuUsPerFrame, rssMb: round(rssMb), dropped, machine: machine() }),
  );
}
