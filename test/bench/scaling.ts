/** `npm run bench:scaling`: processor time a frame by the number of assets, and by the signals of each: flat, and a straight line, if cost grows linearly. */
import { parseArgs } from 'node:util';
import { benchPlant, signals } from './plant/bundle.js';
import { machine, round } from './plant/processes.js';
import { DaemonTrial } from './plant/trial.js';

const { values } = parseArgs({
  options: {
    assets: { type: 'string', multiple: true, default: ['50', '200', '1000', '5000'] },
    signals: { type: 'string', multiple: true, default: ['8', '16', '32', '64'] },
    rate: { type: 'string', default: '40000' },
  },
});
const rate = Number(values.rate);
const fewSignals = signals.length;
const fewAssets = 200;

/** Of `count` signals, at as many values a second as with four. */
const cases = [
  ...values.assets.map((count) => ({ assets: Number(count), count: fewSignals })),
  ...values.signals.map((count) => ({ assets: fewAssets, count: Number(count) })),
];
for (const { assets, count } of cases) {
  const plant = benchPlant(8, count / fewSignals);
  const rowsPerS = (rate * fewSignals) / count;
  const trial = await DaemonTrial.start({ shape: 'row1', qos: 0, assets, plant });
  await trial.burst(rowsPerS, Math.max(2, (20 * assets) / rowsPerS));
  const { cpu, rssMb, dropped } = await trial.burst(rowsPerS, Math.max(4, (20 * assets) / rowsPerS));
  await trial.stop();
  const cpuUsPerFrame = round((cpu * 1e6) / rowsPerS, 2);
  console.log(
    JSON.stringify({
      bench: 'scaling',
      assets,
      signals: count,
      rate: rowsPerS,
      cpuUsPerFrame,
      cpuUsPerValue: round(cpuUsPerFrame / count, 2),
      rssMb: round(rssMb),
      dropped,
      machine: machine(),
    }),
  );
}
