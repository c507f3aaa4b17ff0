/** `npm run bench:replay -- --rows 10000000`: `anomalyd replay` of a recording of 200 assets. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { benchPlant, periodMs, programs, signals } from './plant/bundle.js';
import { machine, round } from './plant/processes.js';

const { values } = parseArgs({ options: { rows: { type: 'string', default: '10000000' } } });
const assets = 200;
const instants = Math.ceil(Number(values.rows) / assets);
const dir = mkdtempSync(path.join(tmpdir(), 'anomalyd-bench-replay-'));
const { bundle, rows } = benchPlant();
const recording = path.join(dir, 'recording.ndjson');
await write();
const started = performance.now();
const args = ['replay', '--bundle', bundle, '--input', recording, '--alerts', path.join(dir, 'alerts.ndjson')];
execFileSync(process.execPath, [path.join(programs, 'daemon/cli.js'), ...args], { stdio: ['ignore', 'ignore', 2] });
const seconds = (performance.now() - started) / 1000;
rmSync(dir, { recursive: true });
const count = instants * assets;
console.log(
  JSON.stringify({
    bench: 'replay',
    rows: count,
    rowsPerS: round(count / seconds, -2),
    seconds: round(seconds, 1),
    machine: machine(),
  }),
);

async function write(): Promise<void> {
  const out = createWriteStream(recording);
  const startMs = 1_700_000_000_000;
  for (let k = 0; k < instants; k++) {
    let text = '';
    for (let asset = 0; asset < assets; asset++) {
      const row = rows[(37 * asset + k) % rows.length] ?? [];
      const values = Object.fromEntries(signals.map((signal, c) => [signal, row[c]]));
      text += `${JSON.stringify({ time: startMs + k * periodMs, asset: `pump-${asset}`, values })}\n`;
    }
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}
