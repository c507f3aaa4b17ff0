/** `anomalyd doctor`: listens beside a running daemon and explains connection, subscription, decoding and freshness, each with what to do. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { type Bundle, loadBundle } from '../../model/bundle.js';
import { type Clock, systemClock } from '../../model/clock.js';
import { parseDuration } from '../../model/duration.js';
import { UserError } from '../../model/errors.js';
import type { Manifest } from '../../model/manifest.js';
import { Broker } from '../broker.js';
import type { Trouble } from '../broker-trouble.js';
import { type Config, defaultClientId } from '../config.js';
import { loadConfig } from '../config-file.js';
import { subscriptions } from '../ingest.js';
import { parseListen } from '../listen.js';
import { type Rejection, readingRejections } from '../rejections.js';
import { type HeardAsset, Survey } from '../survey.js';

/** One thing looked at: fine, worth a look, or broken; and then what to do. */
export interface Finding {
  readonly verdict: 'ok' | 'look' | 'broken';
  readonly what: string;
  readonly remedy?: string;
}

const remedies: Readonly<Partial<Record<Rejection, string>>> = {
  'not-json': 'Is it meant to be read? If not, narrow `topic`. Plain numbers need `{signal}` in the topic.',
  retained: 'Retained messages need a time of their own: set `time`, or publish without retain.',
  'no-values': 'Set `values` to the path of the signals, or `signals` to map their names.',
  'no-time': 'Set `time` to where the time stands, or leave it out for the time of arrival.',
  'bad-time': 'Set `time` to another path, or `timeUnit`.',
  future: "Set the sender's clock, or `timeUnit`.",
  'unknown-signal':
    'Map it with `signals: {theirs: ours}`; signals that the bundle was not trained on are left out without harm.',
  'no-asset': 'Set `asset` to the path of the name.',
};

/** @throws UserError for a config that does not hold */
export async function diagnose(
  file: string,
  seconds: number,
  clock: Clock,
  tell: (finding: Finding) => void,
): Promise<boolean> {
  let broken = false;
  const say = (verdict: Finding['verdict'], what: string, remedy?: string) => {
    broken ||= verdict === 'broken';
    tell({ verdict, what, ...(remedy !== undefined && { remedy }) });
  };
  const config = loadConfig(file);
  say('ok', `config: ${file} holds`);
  const bundles = await Promise.all(config.bundles.map(({ path }) => tryBundle(path, say)));
  await lookAtDaemon(config, say);
  const survey = new Survey(
    config,
    bundles.map((bundle) => bundle?.manifest),
  );
  if (!(await listen(config, survey, seconds, clock, say))) return false;
  explainInputs(config, survey, seconds, say);
  explainRejections(survey, say);
  const now = clock.now();
  for (const asset of survey.assets.values()) explainAsset(asset, bundles[asset.bundle]?.manifest, config, now, say);
  return !broken;
}

type Say = (verdict: Finding['verdict'], what: string, remedy?: string) => void;

async function tryBundle(path: string, say: Say): Promise<Bundle | undefined> {
  try {
    const bundle = await loadBundle(path);
    const { name, version, channels, periodMs } = bundle.manifest;
    say(
      'ok',
      `bundle: ${name} ${version}, a frame every ${periodMs} ms of ${channels.map((one) => one.name).join(', ')}`,
    );
    return bundle;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    say('broken', `bundle: ${error.problem}`, error.remedy);
    return undefined;
  }
}

async function lookAtDaemon(config: Config, say: Say): Promise<void> {
  const listen = parseListen(config.metrics.listen);
  if (listen === undefined) return;
  const url = `http://${listen.host ?? '127.0.0.1'}:${listen.port}/readyz`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) });
    const text = (await answer.text()).trim();
    if (answer.ok) say('ok', `daemon: runs and is ready (${url})`);
    else say('look', `daemon: runs, but is not ready: ${text}`, 'What follows may say why.');
  } catch {
    say(
      'look',
      `daemon: nothing answers at ${url}`,
      'It is not running, or with another config: systemctl status anomalyd',
    );
  }
}

/** False where the broker does not let us in. */
async function listen(config: Config, survey: Survey, seconds: number, clock: Clock, say: Say): Promise<boolean> {
  let settle: (trouble?: Trouble) => void = () => {};
  const settled = new Promise<Trouble | undefined>((resolve) => {
    settle = resolve;
  });
  const state = `${config.publish.base}/bridge/state`;
  let bridge: string | undefined;
  const wanted = subscriptions(config.inputs);
  const broker = new Broker(
    config.broker,
    {
      clientId: `${defaultClientId(config)}-doctor-${process.pid}`,
      subscriptions: new Map([...wanted, [state, 0 as const]]),
      cleanStart: true,
    },
    {
      message: (topic, payload, retained) => {
        if (topic === state) bridge = payload.toString();
        else survey.message(topic, payload, clock.now(), retained);
      },
      ready: () => settle(),
      trouble: (trouble) => settle(trouble),
      refused: (filter) =>
        say('broken', `subscription: the broker refuses ${filter}`, 'Give this user permission to read it.'),
    },
  );
  broker.start();
  try {
    const trouble = await settled;
    if (trouble !== undefined) {
      say('broken', `broker: ${trouble.problem}`, `${trouble.remedy} (${trouble.key})`);
      return false;
    }
    say(
      'ok',
      `broker: ${config.broker.url} lets us in; listening for ${seconds} s to ${[...wanted.keys()].join(', ')}`,
    );
    await sleep(seconds * 1000);
    if (bridge?.includes('offline'))
      say('look', `daemon: says offline under ${state}`, 'It has stopped, or lost the broker.');
    return true;
  } finally {
    await broker.close(0);
  }
}

function explainInputs(config: Config, { byInput, retained }: Survey, seconds: number, say: Say): void {
  for (const [i, { topic }] of config.inputs.entries()) {
    const messages = byInput[i] ?? 0;
    const old = retained[i] ?? 0;
    if (messages === 0)
      say(
        'broken',
        `inputs[${i}]: nothing came on ${topic} in ${seconds} s`,
        'Does anybody publish it (mosquitto_sub with the same user)? Is it spelled so? A broker grants a subscription that its ACL forbids, and stays silent. Slow signals: --duration 10m',
      );
    else if (messages === old)
      say(
        'look',
        `inputs[${i}]: ${messages} messages on ${topic}, all retained ones`,
        'They are old; nothing new was published. Listen longer with --duration.',
      );
    else say('ok', `inputs[${i}]: ${messages} messages on ${topic}, ${(messages / seconds).toFixed(1)} a second`);
  }
}

function explainRejections({ counters, examples }: Survey, say: Say): void {
  if (counters.messages > 0 && counters.readings === 0 && examples.size === 0)
    say('broken', 'decoding: messages came, but no reading', 'Is `values` the path of the signals?');
  for (const [i, [reason, what, why]] of readingRejections.entries()) {
    const count = counters.rejected[i] ?? 0;
    if (count === 0) continue;
    const example = examples.get(reason);
    const shown = example === undefined ? '' : `; e.g. ${example.topic} ${example.payload}`;
    say(
      counters.readings === 0 ? 'broken' : 'look',
      `decoding: ${count} times "${reason}" (${what}): ${why}${shown}`,
      remedies[reason],
    );
  }
  if (counters.readings > 0) say('ok', `decoding: ${counters.readings} readings`);
}

function explainAsset(
  asset: HeardAsset,
  manifest: Manifest | undefined,
  config: Config,
  nowMs: number,
  say: Say,
): void {
  if (manifest === undefined) return;
  const name = `asset ${asset.name}`;
  const missing = manifest.channels.filter((_, c) => !asset.signals.has(c)).map((channel) => channel.name);
  if (missing.length > 0)
    say(
      'look',
      `${name}: ${missing.join(', ')} never came`,
      'It is scored on the others. Are they named otherwise? Map them with `signals`.',
    );
  const everyMs = asset.rows > 1 ? (asset.lastMs - asset.firstMs) / (asset.rows - 1) : undefined;
  if (everyMs !== undefined && (everyMs > 3 * manifest.periodMs || everyMs < manifest.periodMs / 100))
    say(
      'look',
      `${name}: a row every ${Math.round(everyMs)} ms; the bundle has a frame every ${manifest.periodMs} ms`,
      everyMs > manifest.periodMs
        ? 'Publish faster, or train with a longer `periodMs`.'
        : 'Harmless: the newest reading of each frame wins. Is it one machine?',
    );
  if (asset.lagMs > Math.max(10_000, 10 * manifest.periodMs))
    say(
      'look',
      `${name}: readings are up to ${Math.round(asset.lagMs / 1000)} s old when they come`,
      'A clock that is wrong, buffered data, or `timeUnit`.',
    );
  else if (asset.lagMs < -config.alignment.latenessMs)
    say(
      'look',
      `${name}: readings are ${Math.round(-asset.lagMs / 1000)} s ahead of our clock`,
      'Set the clocks (NTP).',
    );
  const silentMs = nowMs - asset.lastMs;
  if (silentMs > Math.max(5000, 10 * (everyMs ?? manifest.periodMs)))
    say('look', `${name}: silent for ${Math.round(silentMs / 1000)} s`, 'It stopped while we listened.');
  else if (missing.length === 0)
    say('ok', `${name}: all ${manifest.channels.length} signals, the newest ${(silentMs / 1000).toFixed(1)} s ago`);
}

const marks = { ok: 'ok    ', look: 'LOOK  ', broken: 'BROKEN' } as const;

export function doctorCommand(print: (text: string) => void = (text) => process.stdout.write(`${text}\n`)): Command {
  return new Command('doctor')
    .description(
      'listen on a live system and explain connection, subscription, decoding and freshness (exit 1 = something is broken)',
    )
    .requiredOption('-c, --config <file>', 'config file')
    .option('-d, --duration <time>', 'how long to listen', '15s')
    .action(async ({ config, duration }: { config: string; duration: string }) => {
      const seconds = parseDuration(duration, '--duration');
      const well = await diagnose(config, seconds, systemClock, ({ verdict, what, remedy }) =>
        print(`${marks[verdict]} ${what}${remedy === undefined || remedy === '' ? '' : `\n       -> ${remedy}`}`),
      );
      if (!well) process.exitCode = 1;
    });
}
