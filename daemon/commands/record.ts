/** `anomalyd record`: topics -> a recording that `anomalyd-train fit` reads. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { stringify } from 'yaml';
import { type Clock, systemClock } from '../../model/clock.js';
import { parseDuration } from '../../model/duration.js';
import { UserError } from '../../model/errors.js';
import { openRecordingWriter, type Row } from '../../model/recording.js';
import { parseYamlConfig } from '../../model/yaml.js';
import { Broker } from '../broker.js';
import { troubleError } from '../broker-trouble.js';
import { type Config, configSchema, defaultClientId } from '../config.js';
import { hostContext, loadConfig } from '../config-file.js';
import { subscriptions } from '../ingest.js';
import { readMessages } from '../messages-file.js';
import { Recorder } from '../recorder.js';
import { readingRejections } from '../rejections.js';

export interface RecordOptions {
  readonly output: string;
  readonly config?: string;
  /** Messages in a file instead of a broker. */
  readonly input?: string;
  readonly broker?: string;
  readonly topic?: readonly string[];
  readonly asset?: string;
  readonly time?: string;
  readonly values?: string;
  readonly rows?: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly duration?: string;
}

export interface RecordEnvironment {
  readonly clock: Clock;
  /** Ends the recording; what is written stays. */
  readonly stop: AbortSignal;
  readonly say: (line: string) => void;
}

export interface RecordResult {
  readonly rows: number;
  readonly assets: number;
  readonly signals: readonly string[];
  /** By reason. */
  readonly rejected: Readonly<Record<string, number>>;
}

const progressMs = 5000;

/**
 * Records until `duration` has passed, `stop` is given, or the file of messages ends.
 * @throws UserError for a broker that does not let us in at first; one that is lost later is waited for
 */
export async function record(options: RecordOptions, { clock, stop, say }: RecordEnvironment): Promise<RecordResult> {
  const config = options.config === undefined ? configOfFlags(options) : loadConfig(options.config);
  const durationS = options.duration === undefined ? undefined : parseDuration(options.duration, '--duration');
  if (options.input !== undefined) checkInput(options.input, options);
  const writer = await openRecordingWriter(options.output);

  // Rows wait here while the disk is busy.
  const waiting: Row[] = [];
  let writing: Promise<void> | undefined;
  const drain = async () => {
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) await writer.write(row);
    writing = undefined;
  };
  const recorder = new Recorder(config, (row) => {
    waiting.push(row);
  });

  const halt = new AbortController();
  const take = (topic: string, payload: Buffer, retained: boolean, nowMs: number) => {
    recorder.message(topic, payload, nowMs, retained);
    writing ??= drain();
    // The error itself is thrown where the end is awaited.
    writing.catch(() => halt.abort());
  };
  const timer = setInterval(() => say(tell(recorder)), progressMs);
  try {
    if (options.input === undefined)
      await listen(
        config,
        { configFile: options.config, durationS },
        { clock, stop: AbortSignal.any([stop, halt.signal]), say },
        take,
      );
    else
      for await (const messages of readMessages(options.input)) {
        for (const { topic, payload, retained, arrivedMs } of messages) take(topic, payload, retained, arrivedMs);
        await writing;
        if (stop.aborted) break;
      }
  } finally {
    clearInterval(timer);
    await writing;
    await drain();
    await writer.close();
  }
  say(`${options.output}: ${tell(recorder)}`);
  if (recorder.rows === 0) say('Nothing came. Check the topics, e.g. with mosquitto_sub, and the paths of `inputs`.');
  return {
    rows: recorder.rows,
    assets: recorder.assets.length,
    signals: recorder.signals,
    rejected: rejected(recorder),
  };
}

/** Takes what the broker sends until `duration` has passed or `stop` is given. @throws UserError for a broker that does not let us in at first */
async function listen(
  config: Config,
  { configFile, durationS }: { readonly configFile: string | undefined; readonly durationS: number | undefined },
  { clock, stop, say }: RecordEnvironment,
  take: (topic: string, payload: Buffer, retained: boolean, nowMs: number) => void,
): Promise<void> {
  let end: (error?: Error) => void = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve() : reject(error));
  });
  let everReady = false;
  const broker = new Broker(
    config.broker,
    {
      clientId: `${defaultClientId(config)}-record-${process.pid}`,
      subscriptions: subscriptions(config.inputs),
      cleanStart: true,
    },
    {
      message: (topic, payload, retained) => take(topic, payload, retained, clock.now()),
      ready: () => {
        if (!everReady)
          say(`Listening at ${config.broker.url} to ${config.inputs.map(({ topic }) => topic).join(', ')}`);
        everReady = true;
      },
      refused: (filter) =>
        end(new UserError(`the broker refuses the subscription to ${filter}.`, {}, 'Check its permissions.')),
      trouble: (trouble) => {
        if (!everReady) end(troubleError(trouble, configFile === undefined ? {} : { file: configFile }));
        else say(`Connection lost: ${trouble.problem} Waiting for it.`);
      },
    },
  );
  const timer = durationS === undefined ? undefined : setTimeout(() => end(), durationS * 1000);
  const onStop = () => end();
  stop.addEventListener('abort', onStop);
  if (stop.aborted) end();
  broker.start();
  try {
    await ended;
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', onStop);
    await broker.close(0);
  }
}

/** What would be lost or unheard is said before the output begins anew. @throws UserError */
function checkInput(input: string, { output, broker, duration }: RecordOptions): void {
  const unheard = broker !== undefined ? '--broker' : duration !== undefined ? '--duration' : undefined;
  if (unheard !== undefined)
    throw new UserError(
      `${unheard} says nothing to a file of messages.`,
      { key: '--input' },
      'Give the one or the other.',
    );
  if (!existsSync(input)) throw new UserError('There is no such file.', { file: input }, 'Give a file of messages.');
  if (path.resolve(input) === path.resolve(output))
    throw new UserError('It would be overwritten.', { file: output, key: '--output' }, 'Name another file.');
}

function tell(recorder: Recorder): string {
  const left = Object.entries(rejected(recorder)).map(([reason, n]) => `${n} ${reason}`);
  const { rows, assets, signals } = recorder;
  const found = `${rows} rows of ${assets.length} assets, ${signals.length} signals (${signals.join(', ')})`;
  return left.length === 0 ? found : `${found}; left out: ${left.join(', ')}`;
}

function rejected({ counters }: Recorder): Record<string, number> {
  return Object.fromEntries(
    readingRejections.flatMap(([reason], i) => (counters.rejected[i] ? [[reason, counters.rejected[i]]] : [])),
  );
}

/** The config that the flags stand for. */
function configOfFlags(options: RecordOptions): Config {
  const { topic: topics = [], username, passwordFile, ca, cert, key, asset, time, values, rows } = options;
  const url = options.broker ?? (options.input === undefined ? undefined : 'mqtt://localhost');
  if (url === undefined || topics.length === 0)
    throw new UserError(
      'needs to know where to listen.',
      { key: 'record' },
      'Give --config, or --broker (or --input) and --topic.',
    );
  const known = (fields: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const password = passwordFile === undefined ? undefined : { file: passwordFile };
  const text = stringify({
    broker: known({ url, username, password, ca, cert, key }),
    bundles: [{ path: '.', name: 'recording' }],
    inputs: topics.map((topic) => known({ topic, asset, time, values, rows })),
  });
  return parseYamlConfig(text, 'command line', configSchema(hostContext('command line')));
}

export function recordCommand(): Command {
  return new Command('record')
    .description('write what comes over MQTT into a recording to train from; Ctrl-C ends it')
    .requiredOption('-o, --output <file>', 'NDJSON file to write, gzipped if it ends in .gz')
    .option('-c, --config <file>', 'take broker and inputs from this config; its bundles need not exist yet')
    .option('-i, --input <file>', 'messages that `mosquitto_sub -F %j` wrote, plain or .gz, instead of a broker')
    .option('-b, --broker <url>', 'e.g. mqtt://localhost:1883')
    .option('-t, --topic <template...>', 'e.g. plant/{area}/{asset}/telemetry or plant/{asset}/{signal}')
    .option('--asset <name>', 'name of the asset, where no topic has {asset}')
    .option('--time <path>', 'where the time stands in a message, e.g. $.time; default: time of arrival')
    .option('--values <path>', 'where the values stand in a message')
    .option('--rows <path>', 'where an array of rows stands in a message')
    .option('--username <name>')
    .option('--password-file <file>')
    .option('--ca <file>', 'PEM file of the authority of the broker')
    .option('--cert <file>', 'PEM file of our certificate')
    .option('--key <file>', 'PEM file of its key')
    .option('-d, --duration <time>', 'e.g. 90s, 15m, 24h; default: until Ctrl-C')
    .action(async (options: RecordOptions) => {
      const abort = new AbortController();
      const stop = () => abort.abort();
      process.once('SIGINT', stop);
      process.once('SIGTERM', stop);
      const say = (line: string) => void process.stderr.write(`${line}\n`);
      await record(options, { clock: systemClock, stop: abort.signal, say });
    });
}
