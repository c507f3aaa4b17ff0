/** `anomalyd replay`: a recording through the daemon's own path; scores and alerts to files. */

import { once } from 'node:events';
import { createWriteStream, statSync, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { SingleBar } from 'cli-progress';
import { Command, Option } from 'commander';
import { loadBundle } from '../../model/bundle.js';
import { type Clock, systemClock } from '../../model/clock.js';
import { UserError } from '../../model/errors.js';
import type { Manifest } from '../../model/manifest.js';
import { type RecordingOptions, readRecordingParts } from '../../model/recording.js';
import { dateOrders, isTimeZone } from '../../model/time.js';
import { alarmConfigSchema } from '../alarm/config.js';
import { alignmentSchema } from '../config.js';
import { loadConfig } from '../config-file.js';
import { eventMessage } from '../publish.js';
import { Replay, type ReplayCounts, type ReplayOptions } from '../replay.js';
import { openReplayThread } from '../replay-host.js';
import { rowFormat, scoreHeader, scoreRow } from '../score-rows.js';

export interface ReplayCommand {
  readonly bundle: string;
  readonly input: readonly string[];
  readonly scores?: string;
  readonly alerts?: string;
  /** Its `alarms`, `alignment` and `gateway` hold, if given; the defaults otherwise. */
  readonly config?: string;
  /** False alarms per asset-week. */
  readonly budget?: number;
  readonly recording: RecordingOptions;
}

interface Flags extends Omit<ReplayCommand, 'recording' | 'budget'>, Omit<RecordingOptions, 'timeUnit' | 'channels'> {
  readonly budget?: string;
}

export function replayCommand(): Command {
  return new Command('replay')
    .description("score a recording by the daemon's own path, as fast as it goes; the same input gives the same output")
    .requiredOption('-b, --bundle <dir>', 'bundle')
    .requiredOption('-i, --input <file...>', 'recordings, CSV or NDJSON, plain or gzipped')
    .option('--scores <file>', 'where scores go: .csv, .ndjson or .jsonl')
    .option('--alerts <file>', 'where alerts go, NDJSON')
    .option('-c, --config <file>', 'config whose `alarms`, `alignment` and `gateway` hold; default: the defaults')
    .option('--budget <number>', "false alarms per asset and week; default: the bundle's own")
    .option('--asset <name>', "asset of rows that name none; default: the file's name")
    .option('--asset-column <name>', 'CSV: column of the asset; default: `asset`, if there is one')
    .option('--time-column <name>', 'CSV: column of the time; default: guessed')
    .option('--time-zone <name>', 'CSV: zone of times that name none, such as Europe/Berlin; default: UTC')
    .addOption(new Option('--date-order <order>', 'CSV: what 3/4/2024 is').choices(dateOrders))
    .option('--signal-column <name>', 'CSV with a row a reading: column of the signal; default: `tag` or the like')
    .option('--value-column <name>', 'CSV with a row a reading: column of the value; default: `value`')
    .option('--missing <word...>', 'CSV: further words that say that there is no value')
    .option('--delimiter <char>', 'CSV: default: guessed')
    .option('--decimal-comma', 'CSV: 1,5 is one and a half; default: by the first rows')
    .action(async ({ bundle, input, scores, alerts, config, budget, ...recording }: Flags) => {
      if (recording.timeZone !== undefined && !isTimeZone(recording.timeZone))
        throw new UserError(
          `There is no zone ${recording.timeZone}.`,
          { key: '--time-zone' },
          'Give one such as Europe/Berlin.',
        );
      const files = {
        bundle,
        input,
        ...(scores !== undefined && { scores }),
        ...(alerts !== undefined && { alerts }),
        ...(config !== undefined && { config }),
      };
      const asked = budget === undefined ? {} : { budget: positive(budget) };
      const thread = new URL('../replay-thread.js', import.meta.url);
      await replay({ ...files, ...asked, recording }, process.stderr, systemClock, thread);
    });
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new UserError(`${text} is no number above 0.`, { key: '--budget' }, 'Give, for example, --budget 0.5');
}

/** @param thread the compiled `replay-thread.js`; without it this thread scores. @throws UserError */
export async function replay(
  command: ReplayCommand,
  out: NodeJS.WriteStream,
  clock: Clock,
  thread?: URL,
): Promise<void> {
  const bundle = await loadBundle(command.bundle);
  const { manifest } = bundle;
  const scores = command.scores === undefined ? undefined : openScores(command.scores, manifest);
  const alerts = command.alerts === undefined ? undefined : new TextFile(command.alerts);
  let told = 0;
  const engine = await Replay.open({
    bundle,
    ...(thread !== undefined && { openScoring: (...what) => openReplayThread(thread, ...what) }),
    ...settings(command.config),
    ...(command.budget !== undefined && { falseAlarmsPerAssetWeek: command.budget }),
    onResults: async (results, assets) => {
      if (scores === undefined) return;
      for (let i = 0; i < results.n; i++) {
        const asset = assets[results.slot[i] ?? -1] ?? '';
        scores.file.line(scoreRow(scores.format, manifest, asset, results, i));
      }
      await scores.file.room();
    },
    onAlarm: (change) => {
      if (change.transition?.alert !== true) return;
      told++;
      alerts?.line(JSON.stringify(eventMessage(change, told)));
    },
  });
  const started = clock.monotonic();
  for (const file of command.input) await feed(engine, file, manifest, command.recording, out);
  await engine.finish();
  await Promise.all([scores?.file.end(), alerts?.end()]);
  out.write(`${summary(engine.counts, told, (clock.monotonic() - started) / 1000)}\n`);
}

function settings(config: string | undefined): Pick<ReplayOptions, 'alignment' | 'alarms' | 'gateway'> {
  if (config !== undefined) return loadConfig(config);
  return { alignment: alignmentSchema.parse({}), alarms: alarmConfigSchema.parse({}), gateway: 'replay' };
}

async function feed(
  engine: Replay,
  file: string,
  { channels }: Manifest,
  options: RecordingOptions,
  out: NodeJS.WriteStream,
): Promise<void> {
  const bar = out.isTTY
    ? new SingleBar({ stream: out, format: `${file} {bar} {value} rows`, clearOnComplete: true, hideCursor: true })
    : undefined;
  // The number of rows is not known before the end: a guess from the file's size moves the bar.
  bar?.start(Math.max(1, Math.round(sizeOf(file) / 60)), 0);
  let rows = 0;
  for await (const part of readRecordingParts(file, { channels, ...options })) {
    await engine.rows(part);
    rows += part.length;
    bar?.update(rows);
  }
  bar?.stop();
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    // The reader will say what is wrong with it.
    return 0;
  }
}

function openScores(path: string, manifest: Manifest) {
  const format = rowFormat(path);
  if (format === undefined)
    throw new UserError('is no name for scores.', { file: path }, 'End it in .csv, .ndjson or .jsonl.');
  const file = new TextFile(path);
  if (format === 'csv') file.line(scoreHeader(manifest));
  return { format, file };
}

function summary({ rows, frames, rejected }: ReplayCounts, alerts: number, seconds: number): string {
  const left = Object.entries(rejected).map(([reason, n]) => `${n} ${reason}`);
  const rate = Math.round(rows / Math.max(seconds, 0.001));
  const out = left.length === 0 ? '' : `, left out: ${left.join(', ')}`;
  const { late = 0 } = rejected;
  // Single rows that are late happen; a reading of each row, on average, do not.
  const order =
    late < rows || rows === 0 ? '' : '\nWarning: the recording is not in order of time: sort its rows by time.';
  return `${rows} rows, ${frames} frames, ${alerts} alerts in ${seconds.toFixed(1)} s (${rate} rows/s)${out}${order}`;
}

/** Lines gathered into large writes. */
class TextFile {
  private readonly stream: WriteStream;
  private readonly opened: Promise<unknown>;
  private lines: string[] = [];

  constructor(private readonly path: string) {
    this.stream = createWriteStream(path);
    this.opened = once(this.stream, 'open').catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new UserError(`can't be written: ${why}.`, { file: this.path }, 'Name another file.', { cause });
    });
    this.opened.catch(() => {});
  }

  line(text: string): void {
    this.lines.push(text);
  }

  /** Writes what has gathered, and waits where the disk is slower than we are. */
  async room(): Promise<void> {
    if (this.lines.length < 1000) return;
    await this.flush();
  }

  async end(): Promise<void> {
    await this.flush();
    this.stream.end();
    await finished(this.stream);
  }

  private async flush(): Promise<void> {
    await this.opened;
    const text = this.lines.map((line) => `${line}\n`).join('');
    this.lines = [];
    if (!this.stream.write(text)) await once(this.stream, 'drain');
  }
}
