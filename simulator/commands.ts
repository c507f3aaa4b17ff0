/** The commands of `anomalyd-simulate`: record a plant, or publish it over MQTT. */
import { Command, Option } from 'commander';
import { systemClock } from '../model/clock.js';
import { parseDuration } from '../model/duration.js';
import { UserError } from '../model/errors.js';
import { bearingsCommand } from './bearings-command.js';
import { parseNumber, stopSignal, withConnectionFlags } from './command-line.js';
import { type ConnectionOptions, openConnection } from './connection.js';
import type { Duty } from './duty.js';
import { parseFaults } from './fault-spec.js';
import { constantPace } from './pace.js';
import { fleet, type PlantOptions, simulate } from './plant.js';
import { defaultTopic, publish } from './publish.js';
import { type RecordingFormat, writeRecording } from './record.js';
import { randomScenario, type Scenario } from './scenario.js';
import { groundTruth, writeTruth } from './truth.js';

interface PlantFlags {
  readonly seed: number;
  readonly assets: number;
  readonly duration: string;
  readonly rate: number;
  readonly faults: string;
  readonly duty?: string;
  readonly start?: string;
  readonly truth?: string;
}

type Run = PlantOptions & { readonly scenario: Scenario };

function withPlantFlags(command: Command): Command {
  return command
    .option('--seed <number>', 'same seed, same plant', parseNumber(0, 2 ** 31, true), 1)
    .option('--assets <count>', 'pumps in the fleet', parseNumber(1, 10_000, true), 8)
    .option('--duration <time>', 'how much simulated time: 90s, 15m, 2h', '15m')
    .option('--rate <hertz>', 'rows a second and asset', parseNumber(0.1, 10, false), 1)
    .option('--faults <spec>', 'none, random, or ASSET:FAULT[:SIGNAL]@START[+GROWTH][-END][*SEVERITY],...', 'none')
    .option('--duty <run/rest>', 'pumps that rest at times: mean times of run and rest, such as 20m/5m')
    .option('--truth <file>', 'write the ground truth as JSON');
}

function runOf(flags: PlantFlags, defaultStartMs: number): Run {
  const assets = fleet(flags.assets);
  const durationS = parseDuration(flags.duration, '--duration');
  const startMs = flags.start === undefined ? defaultStartMs : Date.parse(flags.start);
  if (Number.isNaN(startMs)) {
    throw new UserError(`"${flags.start}" is no time.`, { key: '--start' }, 'Write it like 2026-01-01T08:00:00Z.');
  }
  const { seed, rate: rateHz } = flags;
  const scenario =
    flags.faults === 'none'
      ? []
      : flags.faults === 'random'
        ? randomScenario({ seed, assets, durationS })
        : parseFaults(flags.faults, assets, durationS);
  const duty = flags.duty === undefined ? {} : { duty: dutyOf(flags.duty) };
  return { seed, assets, rateHz, startMs, durationS, scenario, ...duty };
}

function dutyOf(text: string): Duty {
  const [run, rest, more] = text.split('/');
  if (run === undefined || rest === undefined || more !== undefined)
    throw new UserError(`"${text}" is no duty.`, { key: '--duty' }, 'Give the mean times of run and rest: 20m/5m.');
  return { runS: parseDuration(run, '--duty'), restS: parseDuration(rest, '--duty') };
}

async function record(flags: PlantFlags & { output: string; format?: RecordingFormat }): Promise<void> {
  // A fixed date, a working morning: the same flags give the same bytes.
  const run = runOf(flags, Date.UTC(2026, 0, 5, 8));
  const format = flags.format ?? (flags.output.endsWith('.csv') ? 'csv' : 'ndjson');
  const rows = await writeRecording(simulate(run), flags.output, format);
  writeTruth(groundTruth(run), flags.truth);
  console.error(`${flags.output}: ${rows} rows of ${run.assets.length} assets, ${run.scenario.length} faults.`);
}

async function publishLive(
  flags: PlantFlags & ConnectionOptions & { speed: number; topic: string; qos: string },
): Promise<void> {
  const durationS = parseDuration(flags.duration, '--duration');
  // Simulated time must not run ahead of the clock, or readings come from the future: a fast run starts in the past and ends now.
  const aheadMs = Math.max(0, 1 - 1 / flags.speed) * durationS * 1000;
  const run = runOf(flags, Math.round((systemClock.now() - aheadMs) / 1000) * 1000);
  const client = await openConnection(flags);
  client.on('error', (error) => console.error(`broker: ${error.message}`));
  const stop = stopSignal();
  writeTruth(groundTruth(run), flags.truth);
  const sent = await publish(client, simulate(run), {
    topic: flags.topic,
    qos: Number(flags.qos) as 0 | 1 | 2,
    pace: constantPace(run.startMs, flags.speed),
    clock: systemClock,
    signal: stop,
  });
  await client.endAsync();
  console.error(`${sent} messages of ${run.assets.length} assets published.`);
}

export function simulateProgram(): Command {
  const program = new Command('anomalyd-simulate').description(
    'A seeded plant of pumps, or motors with bearings, to listen to, with faults and ground truth.',
  );

  withPlantFlags(program.command('record').description('write a recording'))
    .requiredOption('--output <file>', 'recording: .ndjson or .csv')
    .addOption(new Option('--format <format>', 'default: by the name of the file').choices(['ndjson', 'csv']))
    .option('--start <time>', 'first event time, ISO 8601 (default: 2026-01-05T08:00:00Z)')
    .action(record);

  withConnectionFlags(withPlantFlags(program.command('publish').description('publish over MQTT')))
    .requiredOption('--broker <url>', 'mqtt://host:1883 or mqtts://host:8883')
    .option('--speed <factor>', 'simulated seconds a real second', parseNumber(0.01, 100_000, false), 1)
    .option(
      '--start <time>',
      'first event time, ISO 8601 (default: so that the run ends now or later, never ahead of the clock)',
    )
    .option('--topic <template>', 'with {area}, {asset} and perhaps {signal}', defaultTopic)
    .addOption(new Option('--qos <level>').choices(['0', '1', '2']).default('1'))
    .action(publishLive);

  program.addCommand(bearingsCommand());
  return program;
}
