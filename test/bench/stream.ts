/** `npm run bench:stream -- --case row1-qos0`: the highest rate at which nothing is dropped or left behind, beside that of a bare subscriber on the same broker. */
import { parseArgs } from 'node:util';
import { signals } from './plant/bundle.js';
import type { Shape } from './plant/packets.js';
import { machine, round } from './plant/processes.js';
import { findRate, type Sustained } from './plant/sustained.js';
import { BareTrial, DaemonTrial, type TrialOptions } from './plant/trial.js';

interface Case {
  readonly shape: Shape;
  readonly qos: 0 | 1;
  readonly embedded?: true;
  /** Packets a second to begin the search with. */
  readonly guess: number;
}

const cases: Readonly<Record<string, Case>> = {
  'row1-qos0': { shape: 'row1', qos: 0, guess: 60_000 },
  'row10-qos0': { shape: 'row10', qos: 0, guess: 20_000 },
  'reading1-qos0': { shape: 'reading1', qos: 0, guess: 60_000 },
  'row1-qos1': { shape: 'row1', qos: 1, guess: 25_000 },
  embedded: { shape: 'row1', qos: 0, guess: 60_000, embedded: true },
};

const { values } = parseArgs({
  options: {
    case: { type: 'string' },
    assets: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '3' },
    /** Packets a second: no search, just this one rate. */
    rate: { type: 'string' },
    only: { type: 'string' },
    /** Folder for a processor profile of the daemon. */
    profile: { type: 'string' },
  },
});

if (values.case !== undefined && !Object.hasOwn(cases, values.case)) {
  console.error(`--case ${values.case}: there is no such case. It must be one of: ${Object.keys(cases).join(', ')}.`);
  process.exit(2);
}
for (const [name, settings] of Object.entries(cases)) {
  if (values.case !== undefined && values.case !== name) continue;
  const { guess, ...wanted } = settings;
  const options: TrialOptions = {
    ...wanted,
    assets: Number(values.assets),
    ...(values.profile !== undefined && { nodeArgs: ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] }),
  };
  const search = {
    seconds: Number(values.seconds),
    guess: Number(values.rate ?? guess),
    fixed: values.rate !== undefined,
  };
  // The embedded broker is compared with the same daemon beside mosquitto.
  const yardstick = options.embedded
    ? () => DaemonTrial.start({ shape: options.shape, qos: options.qos, assets: options.assets })
    : () => BareTrial.start(options);
  const bare = values.only === 'daemon' ? undefined : await findRate(yardstick, search);
  const daemon = values.only === 'bare' ? undefined : await findRate(() => DaemonTrial.start(options), search);
  console.log(JSON.stringify(report(name, settings, daemon, bare)));
}

function report(name: string, { shape, embedded }: Case, daemon?: Sustained, bare?: Sustained) {
  const rowsPerPacket = shape === 'row10' ? 10 : 1;
  const framesPerPacket = shape === 'reading1' ? 1 / signals.length : rowsPerPacket;
  const { rate = 0, cpu = 0, rssMb = 0, dropped = 0 } = daemon ?? {};
  return {
    bench: 'stream',
    case: name,
    rowsPerS: round(rate * rowsPerPacket, -2),
    [embedded ? 'mosquittoRowsPerS' : 'bareRowsPerS']: round((bare?.rate ?? 0) * rowsPerPacket, -2),
    ratio: bare === undefined ? null : round(rate / bare.rate, 2),
    framesPerS: round(rate * framesPerPacket, -2),
    dropped,
    cpu: round(cpu, 2),
    rssMb: round(rssMb),
    machine: machine(),
  };
}
