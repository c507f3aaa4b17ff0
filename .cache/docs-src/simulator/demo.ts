#!/usr/bin/env node
/** `npm run demo`: a simulated plant, learned, watched and broken before your eyes, then judged against the truth. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { systemClock } from '../model/clock.js';
import { parseDuration } from '../model/duration.js';
import { parseNumber, runCommand, withConnectionFlags } from './command-line.js';
import { type ConnectionOptions, openConnection } from './connection.js';
import { type EmbeddedBroker, startBroker } from './demo/broker.js';
import { type DemoPlan, planDemo, playMessages, tourSpeed } from './demo/plan.js';
import { formatAlert, formatJudgement, type PrintedAlert, painter } from './demo/print.js';
import { type Stage, startDaemon, train } from './demo/stage.js';
import { judge } from './judge.js';
import { acceleratedUntil } from './pace.js';
import type { Message } from './plant.js';
import { defaultTopic, publish } from './publish.js';

interface Flags extends Partial<ConnectionOptions> {
  readonly duration?: string;
  readonly seed: number;
  readonly assets: number;
  readonly rate: number;
  readonly speed?: number;
  readonly learn: string;
  readonly data?: string;
}

const defaultTourS = 90;
/** Real time for the last alerts to come in. */
const drainMs = 2500;
const paint = painter(process.stdout.isTTY, process.env);
const say = (text: string): void => console.log(text);

async function demo(flags: Flags): Promise<void> {
  const tourS = flags.duration === undefined ? defaultTourS : parseDuration(flags.duration, '--duration');
  const speed = flags.speed ?? tourSpeed(tourS);
  const learnS = parseDuration(flags.learn, '--learn');
  const { seed, assets, rate: rateHz } = flags;
  const endless = flags.duration === undefined;
  const plan = planDemo({ seed, assets, rateHz, learnS, tourS, speed, endless }, systemClock.now());
  const folder = path.resolve(flags.data ?? mkdtempSync(path.join(tmpdir(), 'anomalyd-demo-')));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const stage: Stage = { folder, seed, rateHz, clock: systemClock, stop: stop.signal };

  say(paint('bold', `${assets} pumps, ${learnS / 60} minutes of normal operation to learn from.`));
  const [normal, live] = splitAt(playMessages(plan), plan.liveMs);
  const bundle = await train(stage, normal);
  const embedded = flags.broker === undefined && !stop.signal.aborted ? await startBroker() : undefined;
  try {
    if (!stop.signal.aborted) await play(flags, plan, { stage, stop, bundle, live, speed, embedded });
    // The way it went is of use only to those who asked for it, or when it went wrong.
    if (flags.data === undefined && Number(process.exitCode ?? 0) === 0)
      rmSync(folder, { recursive: true, force: true });
  } finally {
    await embedded?.close();
  }
}

interface Performance {
  readonly stage: Stage;
  readonly stop: AbortController;
  readonly bundle: string;
  readonly live: Iterable<Message>;
  readonly speed: number;
  readonly embedded: EmbeddedBroker | undefined;
}

async function play(
  flags: Flags,
  plan: DemoPlan,
  { stage, stop, bundle, live, speed, embedded }: Performance,
): Promise<void> {
  const connection: ConnectionOptions = { ...flags, broker: embedded?.url ?? flags.broker ?? '' };
  const daemon = await startDaemon(stage, connection, bundle);
  const client = await openConnection(connection);
  let isClosing = false;
  try {
    const alerts: PrintedAlert[] = [];
    client.on('error', (error) => say(paint('red', `broker: ${error.message}`)));
    client.on('message', (_topic, payload) => {
      const alert = JSON.parse(payload.toString('utf8')) as PrintedAlert;
      alerts.push(alert);
      say(formatAlert(alert, paint));
    });
    await client.subscribeAsync('anomalyd/demo/+/event', { qos: 1 });
    say(`The daemon listens on ${connection.broker}; metrics: ${paint('bold', daemon.metricsUrl)}`);
    say(
      paint(
        'dim',
        `Times are event time, UTC, ${speed} times as fast as yours. What breaks, and when, is drawn by lot.\n`,
      ),
    );
    daemon.program.ended.then(({ code }) => {
      if (isClosing || stop.signal.aborted) return;
      say(paint('red', `The daemon ended with exit code ${code}. Its last words:\n${daemon.program.lastWords(10)}`));
      process.exitCode = 1;
      stop.abort();
    });

    const conclude = async (): Promise<void> => {
      await sleep(drainMs);
      const judgement = judge(plan.truth, alerts);
      say(`\n${formatJudgement(judgement, paint)}`);
      say(JSON.stringify({ demo: judgement.summary }));
      if (judgement.summary.detected === 0) process.exitCode = 1;
    };
    let conclusion: Promise<void> | undefined;
    const narrated = narrate(live, plan, () => {
      conclusion = conclude();
    });
    await publish(client, narrated, {
      topic: defaultTopic,
      qos: 1,
      pace: acceleratedUntil(plan.liveMs, speed, plan.untilMs),
      clock: systemClock,
      signal: stop.signal,
    });
    await conclusion;
    // Someone who asked for a verdict and ended it early has none.
    if (conclusion === undefined && flags.duration !== undefined) process.exitCode ??= 130;
  } finally {
    isClosing = true;
    await client.endAsync();
    await daemon.program.stop();
  }
}

/** Says what the plant does when it does it, and calls `onTourEnd` once. */
function* narrate(live: Iterable<Message>, { truth, untilMs }: DemoPlan, onTourEnd: () => void): Generator<Message> {
  const cues = truth.faults
    .flatMap(({ asset, kind, fault, signals, start, end }) => {
      const what = kind === 'sensor' ? `${signals.join(', ')} sensor: ${fault}` : fault;
      return [
        { timeMs: Date.parse(start), text: `begins on ${asset}: ${what}` },
        { timeMs: Date.parse(end), text: `repaired on ${asset}: ${what}` },
      ];
    })
    .sort((a, b) => a.timeMs - b.timeMs);
  let isTour = true;
  for (const message of live) {
    for (let cue = cues[0]; cue !== undefined && message.deliveryMs >= cue.timeMs; cue = cues[0]) {
      say(paint('dim', `${new Date(cue.timeMs).toISOString().slice(11, 19)}  plant: ${cue.text}`));
      cues.shift();
    }
    if (isTour && message.deliveryMs >= untilMs) {
      isTour = false;
      onTourEnd();
    }
    yield message;
  }
  if (isTour) onTourEnd();
}

/** What is delivered before an instant, at once; and the rest, lazily. */
function splitAt(messages: Generator<Message, void, void>, timeMs: number): [Message[], Generator<Message>] {
  const before: Message[] = [];
  let next = messages.next();
  for (; !next.done && next.value.timeMs < timeMs; next = messages.next()) before.push(next.value);
  const first = next;
  const rest = (function* () {
    if (first.done) return;
    yield first.value;
    yield* messages;
  })();
  return [before, rest];
}

const program = withConnectionFlags(
  new Command('demo').description('Train on a simulated plant, watch it, break it, and judge the alerts.'),
)
  .option('--duration <time>', `real time of the tour, then it ends; default: ${defaultTourS}s, then on until Ctrl-C`)
  .option('--seed <number>', 'same seed, same plant and same faults', parseNumber(0, 2 ** 31, true), 1)
  .option('--broker <url>', 'default: one inside the demo, on a free port')
  .option('--assets <count>', 'pumps', parseNumber(4, 200, true), 8)
  .option('--rate <hertz>', 'rows a second of event time and pump', parseNumber(0.1, 10, false), 1)
  .option(
    '--speed <factor>',
    'event seconds a real second; default: half an hour of event time in all',
    parseNumber(1, 200, false),
  )
  .option('--learn <time>', 'event time of normal operation to learn from', '30m')
  .option('--data <folder>', 'keep recording, configs, bundle and log there; default: a temporary folder')
  .action(demo);

process.exitCode = await runCommand(program, process.argv.slice(2));
