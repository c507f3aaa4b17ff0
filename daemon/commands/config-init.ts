/** `anomalyd config init`: asks or takes flags, listens to live messages, and proposes a config that reads them. */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { type Clock, systemClock } from '../../model/clock.js';
import { parseDuration } from '../../model/duration.js';
import { UserError } from '../../model/errors.js';
import { parseYamlConfig } from '../../model/yaml.js';
import { Broker } from '../broker.js';
import { troubleError } from '../broker-trouble.js';
import { configSchema } from '../config.js';
import { brokerSchema } from '../config-broker.js';
import { schemaUrl } from '../config-example.js';
import { hostContext } from '../config-file.js';
import { type Proposal, proposeInputs, type SampleMessage } from '../config-proposal.js';
import { configTexts } from '../config-text.js';
import { Recorder } from '../recorder.js';

export interface InitOptions {
  readonly broker: string;
  readonly topic: string;
  readonly duration: string;
  readonly bundle: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Whoever talks with the user. */
export interface Dialogue {
  say(line: string): void;
  /** Undefined where nobody can be asked; an empty answer is the fallback. */
  readonly ask?: ((question: string, fallback: string) => Promise<string>) | undefined;
}

interface Heard extends SampleMessage {
  readonly nowMs: number;
}

const maxSample = 20_000;
/** Event times further behind the clock are worth a word. */
const farBehindMs = 600_000;

/** The options, with what is missing asked for. @throws UserError without a broker where nobody can be asked */
export async function completeOptions(
  given: Partial<InitOptions> & Pick<InitOptions, 'duration'>,
  { ask }: Dialogue,
): Promise<InitOptions> {
  const { broker, topic, bundle } = given;
  const defaults = { topic: '#', bundle: './bundle' };
  if (broker !== undefined) return { ...defaults, ...given, broker };
  if (ask === undefined)
    throw new UserError('no broker is given.', { key: '--broker' }, 'For example: --broker mqtt://localhost:1883');
  const url = await ask('Where is the MQTT broker?', 'mqtt://localhost:1883');
  const username = given.username ?? (await ask('User name at the broker, if it wants one:', ''));
  const passwordFile =
    username === '' || given.passwordFile !== undefined
      ? given.passwordFile
      : await ask('File that holds the password:', '/etc/anomalyd/mqtt-password');
  return {
    ...given,
    broker: url,
    ...(username !== '' && { username }),
    ...(passwordFile !== undefined && { passwordFile }),
    topic: topic ?? (await ask('Which topics?', defaults.topic)),
    bundle: bundle ?? (await ask('Folder of the bundle, which need not be there yet:', defaults.bundle)),
  };
}

/**
 * The text of a config that reads what is published under `topic` right now.
 * @throws UserError for a broker that does not let us in, or where nothing with numbers comes
 */
export async function proposeConfig(
  options: InitOptions,
  dialogue: Dialogue,
  clock: Clock = systemClock,
): Promise<string> {
  const { broker: url, username, passwordFile, ca, cert, key, topic, bundle } = options;
  const settings = given({ url, username, password: passwordFile && { file: passwordFile }, ca, cert, key });
  const config = parseYamlConfig(
    stringify(settings),
    'command line',
    brokerSchema(configTexts(hostContext('command line'))),
  );
  const sample = await listen(config, topic, parseDuration(options.duration, '--duration'), dialogue, clock);
  const proposals = await choose(proposeInputs(sample), dialogue);
  if (proposals.length === 0)
    throw new UserError(
      sample.length === 0
        ? `nothing came under ${topic}.`
        : `${sample.length} messages came under ${topic}, none of them with numbers.`,
      { key: '--topic' },
      'Name other topics, listen longer with --duration, or check the permissions at the broker.',
    );
  const inputs = proposals.map((proposal) => tried(proposal, sample, dialogue));
  return [
    '# Proposed by `anomalyd config init` from live messages. Check it with: anomalyd check --config <this file>',
    '# Every setting: anomalyd config example. For editors: anomalyd config schema > anomalyd.schema.json',
    `# yaml-language-server: $schema=${schemaUrl}`,
    '',
    stringify({ broker: settings, bundles: [{ path: bundle }], inputs }),
  ].join('\n');
}

async function choose(proposals: readonly Proposal[], { say, ask }: Dialogue): Promise<readonly Proposal[]> {
  for (const [i, { topic, messages, topics, assets, signals }] of proposals.entries())
    say(
      `${ask === undefined ? '' : `${i + 1}. `}${topic}: ${count(messages, 'message')} on ${count(topics, 'topic')}; assets ${list(assets)}; signals ${list(signals)}`,
    );
  if (ask === undefined || proposals.length < 2) return proposals;
  const answer = await ask('Which of them, by number (1 3)?', 'all');
  const wanted = new Set(answer.split(/[\s,]+/).map(Number));
  return answer === 'all' ? proposals : proposals.filter((_, i) => wanted.has(i + 1));
}

/** The input as the config has it, tried on what was heard: a time that the daemon would refuse is left out, with a word about it. */
function tried(proposal: Proposal, sample: readonly Heard[], { say }: Dialogue): Record<string, unknown> {
  const { topic, asset, time, rows, values, signal } = proposal;
  const input = given({ topic, asset, time, rows, values, signal });
  if (time === undefined) return input;
  const lagsMs: number[] = [];
  const { inputs, publish, alignment } = configSchema({
    env: {},
    directory: '/',
    hostname: 'gateway',
    readFile: () => '',
  }).parse({
    broker: { url: 'mqtt://localhost' },
    bundles: [{ path: '.' }],
    inputs: [input],
  });
  let nowMs = 0;
  const recorder = new Recorder({ inputs, publish, alignment }, ({ timeMs }) => lagsMs.push(nowMs - timeMs));
  for (const message of sample) {
    nowMs = message.nowMs;
    recorder.message(message.topic, message.payload, nowMs, false);
  }
  if (lagsMs.length === 0) {
    say(
      `${topic}: the times at ${time} lie ahead of this clock, so the time of arrival is taken. Local time without a zone?`,
    );
    const { time: _, ...rest } = input;
    return rest;
  }
  const lagMs = Math.min(...lagsMs);
  if (lagMs > farBehindMs)
    say(
      `${topic}: the times at ${time} are ${Math.round(lagMs / 60_000)} min behind this clock. Old messages, or local time without a zone?`,
    );
  return input;
}

function given(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

async function listen(
  config: ConstructorParameters<typeof Broker>[0],
  topic: string,
  seconds: number,
  { say }: Dialogue,
  clock: Clock,
): Promise<Heard[]> {
  const sample: Heard[] = [];
  let fail: (error: Error) => void = () => {};
  let ready: () => void = () => {};
  const connected = new Promise<void>((resolve, reject) => {
    ready = resolve;
    fail = reject;
  });
  const broker = new Broker(
    config,
    { clientId: `anomalyd-${hostname()}-init-${process.pid}`, subscriptions: new Map([[topic, 0]]), cleanStart: true },
    {
      message: (topic, payload) => {
        if (sample.length < maxSample) sample.push({ topic, payload: Buffer.from(payload), nowMs: clock.now() });
      },
      ready: () => ready(),
      trouble: (trouble) => fail(troubleError(trouble, { file: 'command line' })),
      refused: () =>
        fail(
          new UserError(`the broker refuses the subscription to ${topic}.`, { key: '--topic' }, 'Name another one.'),
        ),
    },
  );
  broker.start();
  try {
    await connected;
    say(`Listening to ${topic} for ${seconds} s ...`);
    await sleep(seconds * 1000);
    return sample;
  } finally {
    await broker.close(0);
  }
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function list(names: readonly string[], most = 6): string {
  const rest = names.length - most;
  return `${names.slice(0, most).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
