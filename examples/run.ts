/** Runs one example, or all: `node dist/examples/run.js [name] [folder for the plots]`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { table } from '../training/summary.js';
import { loadTensorFlow } from '../training/tensorflow/load.js';
import { examples } from './index.js';
import { svgOf } from './plot.js';

const [wanted, folder = '.'] = process.argv.slice(2);
const chosen = Object.entries(examples).filter(([name]) => wanted === undefined || wanted === 'all' || wanted === name);
if (chosen.length === 0) {
  process.stderr.write(`No example ${wanted}; there are: ${Object.keys(examples).join(', ')}.\n`);
  process.exitCode = 78;
}
await mkdir(folder, { recursive: true });
for (const [name, example] of chosen) {
  const { tf } = await loadTensorFlow();
  const { table: rows, plot } = await example.run(tf);
  const file = join(folder, `${name}.svg`);
  await writeFile(file, svgOf(plot));
  process.stdout.write(`\n${example.title}\n\n${table(rows)}\n\nPlot: ${file}\n`);
}
