/** What all benches score with: an LSTM(32) forecaster and a dense autoencoder of four signals, trained once on a seeded recording and kept. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const signals = ['temperature', 'pressure', 'flow', 'current'] as const;
export const periodMs = 1000;

const seed = 1;
/** Rows over which the end of the recording becomes its beginning: less is a jump in the eyes of the detectors. */
const fadeRows = 240;
/** Where programs lie beside this file once compiled. */
export const programs = fileURLToPath(new URL('../../..', import.meta.url));

export interface BenchPlant {
  /** Folder of the bundle. */
  readonly bundle: string;
  readonly signals: readonly string[];
  /** Rows of one healthy machine, [rows][signals], a second apart; after the last one the first may follow. */
  readonly rows: readonly (readonly number[])[];
}

interface Row {
  readonly time: string;
  readonly asset: string;
  readonly values: Readonly<Record<string, number>>;
}

/**
 * The first call takes about twenty seconds, later ones read what it left in the temporary folder.
 * @param window frames that the autoencoder sees
 * @param stages pumps that make one machine, each with its four signals
 */
export function benchPlant(window = 8, stages = 1): BenchPlant {
  const dir = path.join(tmpdir(), `anomalyd-bench-seed${seed}-window${window}${stages > 1 ? `-stages${stages}` : ''}`);
  if (!Number.isInteger(stages) || stages < 1)
    throw new RangeError(`a machine has four signals a pump: ${4 * stages} is no multiple of four`);
  const names = Array.from({ length: stages }, (_, stage) => signals.map((name) => stageName(name, stage))).flat();
  const recording = path.join(dir, 'normal.ndjson');
  const bundle = path.join(dir, 'bundle');
  if (!existsSync(path.join(bundle, 'manifest.json'))) train(dir, recording, bundle, window, names);
  const recorded = readFileSync(recording, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
    .filter(({ asset }) => asset === 'pump-1')
    .map(({ values }) => names.map((name) => values[name] ?? 0));
  return { bundle, signals: names, rows: closed(recorded) };
}

function stageName(signal: string, stage: number): string {
  return stage === 0 ? signal : `${signal}-${stage + 1}`;
}

/** A ring: the end fades into what came before the first row, so that going round and round is no anomaly. */
function closed(recorded: readonly (readonly number[])[]): number[][] {
  const length = recorded.length - fadeRows;
  return Array.from({ length }, (_, i) => {
    const row = recorded[i + fadeRows] ?? [];
    const faded = i + 2 * fadeRows - recorded.length;
    if (faded < 0) return [...row];
    const weight = (1 - Math.cos((Math.PI * (faded + 1)) / (fadeRows + 1))) / 2;
    return row.map((value, c) => Number(((1 - weight) * value + weight * (recorded[faded]?.[c] ?? 0)).toFixed(3)));
  });
}

/** Pump 1, 2, ... of a recording as one machine, the next as many as another. */
function joined(text: string, stages: number): string {
  const machines = new Map<string, Row>();
  for (const line of text.trimEnd().split('\n')) {
    const { time, asset, values } = JSON.parse(line) as Row;
    const pump = Number(asset.slice('pump-'.length)) - 1;
    const name = `pump-${Math.floor(pump / stages) + 1}`;
    const own = Object.entries(values).map(([signal, value]) => [stageName(signal, pump % stages), value]);
    const before = machines.get(`${time} ${name}`)?.values;
    machines.set(`${time} ${name}`, { time, asset: name, values: { ...before, ...Object.fromEntries(own) } });
  }
  return `${[...machines.values()].map((row) => JSON.stringify(row)).join('\n')}\n`;
}

function train(dir: string, recording: string, bundle: string, window: number, names: readonly string[]): void {
  const stages = names.length / signals.length;
  mkdirSync(dir, { recursive: true });
  const run = (program: string, ...args: string[]) =>
    execFileSync(process.execPath, [path.join(programs, program), ...args], { cwd: dir, stdio: ['ignore', 2, 2] });
  run(
    'simulator/cli.js',
    'record',
    '--assets',
    String(4 * stages),
    '--duration',
    '20m',
    '--seed',
    String(seed),
    '--output',
    recording,
  );
  if (stages > 1) writeFileSync(recording, joined(readFileSync(recording, 'utf8'), stages));
  const config = path.join(dir, 'train.json');
  writeFileSync(
    config,
    JSON.stringify({
      name: 'bench',
      seed,
      data: [{ files: [recording] }],
      signals: names,
      detectors: [{ recipe: 'lstm' }, { recipe: 'dense-ae', window }],
    }),
  );
  const fresh = path.join(dir, `bundle-${process.pid}`);
  run('training/cli.js', 'fit', '--config', config, '--output', fresh);
  if (!existsSync(bundle)) renameSync(fresh, bundle);
}
