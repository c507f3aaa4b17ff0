/** `anomalyd-simulate bearings`: bursts of vibration, over MQTT or into a file. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Command, Option } from 'commander';
import { systemClock } from '../model/clock.js';
import { parseDuration } from '../model/duration.js';
import { UserError } from '../model/errors.js';
import { type BearingRun, bearingTruth, bursts, motors, parseBearingFaults, publicationOf } from './bearings.js';
import { parseNumber, stopSignal, withConnectionFlags } from './command-line.js';
import { type ConnectionOptions, openConnection } from './connection.js';
import { constantPace } from './pace.js';
import { type Delivery, send } from './publish.js';
import { writeTruth } from './truth.js';

interface Flags extends Partial<ConnectionOptions> {
  readonly output?: string;
  readonly seed: number;
  readonly assets: number;
  readonly duration: string;
  readonly interval: string;
  readonly rate: number;
  readonly samples: string;
  readonly faults: string;
  readonly truth?: string;
  readonly speed: number;
  readonly topic: string;
  readonly qos: string;
}

const defaultTopic = 'plant/{asset}/vibration';

async function run(flags: Flags): Promise<void> {
  const { broker, output, speed, topic } = flags;
  if ((broker === undefined) === (output === undefined))
    throw new UserError('needs to know where to send bursts.', { key: 'bearings' }, 'Give --broker or --output.');
  const durationS = parseDuration(flags.duration, '--duration');
  const assets = motors(flags.assets);
  // A file begins on a fixed date, so that the same flags give the same bytes; over MQTT the run ends now, never ahead of the clock.
  const aheadMs = Math.max(0, 1 - 1 / speed) * durationS * 1000;
  const bearings: BearingRun = {
    seed: flags.seed,
    assets,
    startMs: output === undefined ? Math.round(systemClock.now() - aheadMs) : Date.UTC(2026, 0, 5, 8),
    durationS,
    intervalS: parseDuration(flags.interval, '--interval'),
    rateHz: flags.rate,
    samples: Number(flags.samples),
    faults: parseBearingFaults(flags.faults, assets, durationS),
  };
  writeTruth(bearingTruth(bearings), flags.truth);
  const count =
    output === undefined
      ? await publishBursts(bearings, flags as Flags & ConnectionOptions)
      : await writeBursts(bearings, topic, output);
  console.error(`${count} bursts of ${assets.length} motors, ${bearings.faults.length} faults.`);
}

async function publishBursts(bearings: BearingRun, flags: Flags & ConnectionOptions): Promise<number> {
  const client = await openConnection(flags);
  client.on('error', (error) => console.error(`broker: ${error.message}`));
  const deliveries = function* (): Generator<Delivery, void, void> {
    for (const burst of bursts(bearings))
      yield { deliveryMs: burst.timeMs, publications: [publicationOf(burst, flags.topic)] };
  };
  const sent = await send(client, deliveries(), {
    qos: Number(flags.qos) as 0 | 1 | 2,
    pace: constantPace(bearings.startMs, flags.speed),
    clock: systemClock,
    signal: stopSignal(),
  });
  await client.endAsync();
  return sent;
}

/** As `mosquitto_sub -F %j` would have written them. */
async function writeBursts(bearings: BearingRun, topic: string, file: string): Promise<number> {
  let count = 0;
  const lines = function* (): Generator<string, void, void> {
    for (const burst of bursts(bearings)) {
      count++;
      const message = { tst: new Date(burst.timeMs).toISOString(), ...publicationOf(burst, topic) };
      yield `${JSON.stringify(message)}\n`;
    }
  };
  try {
    const sink = createWriteStream(file);
    if (/\.gz$/i.test(file)) await pipeline(Readable.from(lines()), createGzip(), sink);
    else await pipeline(Readable.from(lines()), sink);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw new UserError(`can't write the bursts: ${cause.message}.`, { file }, 'Name a writable file.', { cause });
  }
  return count;
}

export function bearingsCommand(): Command {
  return withConnectionFlags(
    new Command('bearings').description('bursts of vibration of motors, over MQTT or into a file'),
  )
    .option('--broker <url>', 'mqtt://host:1883 or mqtts://host:8883')
    .option('--output <file>', 'instead: messages as `mosquitto_sub -F %j` writes them, for `anomalyd record --input`')
    .option('--seed <number>', 'same seed, same motors', parseNumber(0, 2 ** 31, true), 1)
    .option('--assets <count>', 'motors', parseNumber(1, 1000, true), 4)
    .option('--duration <time>', 'how much simulated time', '2h')
    .option('--interval <time>', 'between two bursts of a motor', '30s')
    .option('--rate <hertz>', 'samples a second', parseNumber(2000, 100_000, false), 12_800)
    .addOption(new Option('--samples <count>', 'of a burst').choices(['2048', '4096', '8192', '16384']).default('8192'))
    .option(
      '--faults <spec>',
      'none, or MOTOR:DEFECT@START[+GROWTH][-END][*SEVERITY],...; outer-race, inner-race or ball',
      'none',
    )
    .option('--truth <file>', 'write the ground truth as JSON')
    .option('--speed <factor>', 'with --broker: simulated seconds a real second', parseNumber(0.01, 100_000, false), 1)
    .option('--topic <template>', 'with {asset}', defaultTopic)
    .addOption(new Option('--qos <level>').choices(['0', '1', '2']).default('1'))
    .action(run);
}
