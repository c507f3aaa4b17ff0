/** `npm run bench:memory`: resident memory after every asset has had more frames than its window of 64 holds. */
import { parseArgs } from 'node:util';
import { benchPlant } from './plant/bundle.js';
import { machine, round, rssMb } from './plant/processes.js';
import { DaemonTrial } from './plant/trial.js';

const { values } = parseArgs({ options: { assets: { type: 'string', multiple: true }, rate: { type: 'string' } } });
const window = 64;
for (const assets of (values.assets ?? ['200', '2000', '10000']).map(Number)) {
  const trial = await DaemonTrial.start({
    shape: 'row1',
    qos: 0,
    assets,
    plant: benchPlant(window),
    // Pending frames take memory, too: five times the default, not the twenty of the other benches.
    config: { alignment: { latenessMs: 5000 } },
  });
  const rate = Number(values.rate ?? 30_000);
  const { dropped } = await trial.burst(rate, ((window + 16) * assets) / rate);
  const rss = { rssMb: round(rssMb(trial.gateway.pid)), peakMb: round(rssMb(trial.gateway.pid, 'VmHWM')) };
  await trial.stop();
  console.log(JSON.stringify({ bench: 'memory', assets, signals: 4, window, dropped, ...rss, machine: machine() }));
}
