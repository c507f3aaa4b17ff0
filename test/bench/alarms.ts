/**
 * `npm run bench:alarms -- --seed 1`: a week of 50 simulated pumps, scored by a bundle that has learned them, through alarms, outbox and a real broker; machine
 * faults, sensor faults, odd spikes, silent radios, people, maintenance, reloads, restarts, a broker that goes away. Every transition is held against the
 * rules of docs/alarm-rules.md, which are told a second time in `alarms/`. The last line is JSON.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { alarmConfigSchema } from '../../daemon/alarm/config.js';
import { Random } from '../../model/random.js';
import { fleet } from '../../simulator/plant.js';
import { startMosquitto } from '../fixtures/mosquitto.js';
import { alertsInSilence, costs } from './alarms/count.js';
import { Gateway } from './alarms/gateway.js';
import { Listener, retainedMismatches } from './alarms/listener.js';
import { learnPumps, Week, weekStartMs } from './alarms/plant.js';
import { Rulebook, type Told } from './alarms/rules.js';
import { type Ask, assetWeek, between, periodMs, weekFrames } from './alarms/scenario.js';

const { values: flags } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, verbose: { type: 'boolean', default: false } },
});
const seed = Number(flags.seed);
const assetCount = 50;
/** That a fault of an asset may cost. */
const mostAlerts = 6;
/** The outbox is emptied about every half hour, so that much waits in it when the broker goes. */
const flushFrames = 60;
/** From an event to the gateway. */
const lagMs = 3000;

const startMs = weekStartMs(seed);
const day = (at: number) => new Date(startMs + at * 86_400_000).toISOString();
const settings = {
  staleAfterS: 600,
  maintenance: [
    { assets: 'pump-1*', days: ['wed'], start: '02:00', end: '06:00' },
    { assets: 'pump-2*', from: day(2.4), to: day(2.7) },
  ],
  overrides: [
    { assets: 'pump-3*', reAlarmS: 86_400 },
    { assets: 'pump-4*', acknowledge: 'required' },
    { assets: 'pump-5*', latch: true, onDelayS: 300 },
  ],
};
let config = alarmConfigSchema.parse(settings);
/** What reloads change; the hold of flapping alarms is not made shorter than by default, as the most alerts of a fault hold for that. */
const reloads = [
  { offDelayS: 900, clearAt: 0.7 },
  { onDelayS: 120, highAt: 3, criticalAt: 6 },
  { deescalateS: 1800, flapHoldS: 36_000 },
];

const names = fleet(assetCount);
const weeks = names.map((name) => assetWeek(name, seed));
const random = new Random(seed, 'plant');
const anyFrame = () => between(random, 100, weekFrames - 100);
const restarts = new Map(
  Array.from({ length: 6 }, (_, k) => [anyFrame(), k % 2 === 0 ? 'orderly' : 'abrupt'] as const),
);
const reloadAt = new Map(reloads.map((change) => [anyFrame(), change] as const));
/** Without the broker nothing goes out; in half of these times nothing comes in either. */
const outages = Array.from({ length: 6 }, (_, k) => {
  const from = anyFrame();
  return { from, to: from + between(random, 2, 240), deaf: k % 2 === 0 };
});
/** The network between plant and broker fails once. */
const silence = { from: anyFrame(), frames: 60 };
const badFrames = new Set(Array.from({ length: 40 }, anyFrame));

const dir = mkdtempSync(join(tmpdir(), 'bench-alarms-'));
const mosquitto = await startMosquitto({ quiet: true });
const told: Told[] = [];
const problems: string[] = [];
const rules = new Rulebook(names, 5, config, startMs + lagMs);
const bundle = await learnPumps(names, dir);
const week = await Week.begin(bundle, weeks, seed);
const listener = new Listener(mosquitto.url);
const boot = (nowMs: number, connected: boolean) =>
  new Gateway({ dir: join(dir, 'state'), config, assets: names, bundle, told, nowMs, connected });

let gateway = boot(startMs + lagMs, true);
await listener.join();
await gateway.connect(mosquitto.url);
let outage: (typeof outages)[number] | undefined;
for (let frame = 0; frame < weekFrames; frame++) {
  const nowMs = startMs + frame * periodMs + lagMs;
  gateway.nowMs = nowMs;
  await weather(frame, nowMs);
  for (const { name, asks } of weeks) for (const ask of asks) if (ask.frame === frame) request(name, ask, nowMs);
  if (badFrames.has(frame)) nonsense(frame, nowMs);
  const isSilent = (frame >= silence.from && frame < silence.from + silence.frames) || outage?.deaf === true;
  const batch = await week.score(() => isSilent);
  for (const slot of batch.slot) {
    rules.heard(slot, nowMs);
    gateway.freshness.seen(0, slot, nowMs);
  }
  rules.verdicts(batch, nowMs);
  gateway.alarms.results(0, batch, nowMs);
  rules.clock(nowMs);
  gateway.alarms.tick(nowMs);
  gateway.freshness.tick(nowMs);
  if (frame % flushFrames === 0) await gateway.flush();
}
if (outage !== undefined) await back();
await gateway.flush();
await week.close();

await listener.settle();
problems.push(...rules.differences(told));
const mismatches = [
  ...listener.mismatches(told),
  ...(await retainedMismatches(mosquitto.url, gateway.alarms.retained())),
];
const spent = weeks.flatMap((one) => costs(one, told, startMs));
const inSilence = weeks.flatMap((one) => alertsInSilence(one, told, alarmConfigSchema.parse(settings), startMs));
await listener.leave();
await gateway.stop();
await mosquitto.stop();
rmSync(dir, { recursive: true, force: true });

const maxAlertsPerFault = Math.max(0, ...spent.map(({ alerts }) => alerts.length));
if (flags.verbose) {
  for (const line of [...problems, ...mismatches]) console.error(line);
  for (const { message, transition } of inSilence)
    console.error(`in silence: ${message.asset} ${message.type} ${transition.kind}`);
  for (const { asset, trouble, alerts } of spent) {
    if (alerts.length <= mostAlerts) continue;
    const cause = trouble === null ? 'a false alarm' : `${trouble.kind} from frame ${trouble.from} to ${trouble.to}`;
    console.error(`${asset}: ${alerts.length} alerts of ${cause}`);
    for (const { message, transition } of alerts)
      console.error(`  frame ${(transition.timeMs - startMs) / periodMs}: ${message.type} ${transition.kind}`);
  }
}
const alarms = {
  assets: assetCount,
  days: (weekFrames * periodMs) / 86_400_000,
  transitions: told.length,
  alerts: told.filter(({ transition }) => transition.alert).length,
  faults: weeks.reduce((sum, { troubles }) => sum + troubles.length, 0),
  falseAlarms: spent.filter(({ trouble }) => trouble === null).length,
  unexplained: problems.length,
  maxAlertsPerFault,
  duringShelving: inSilence.length,
  mismatches: mismatches.length,
};
console.log(JSON.stringify({ alarms }));
if (problems.length + mismatches.length + inSilence.length > 0 || maxAlertsPerFault > mostAlerts) process.exitCode = 1;

/** Restarts, reloads, and a broker that comes and goes. */
async function weather(frame: number, nowMs: number): Promise<void> {
  const change = reloadAt.get(frame);
  if (change !== undefined) {
    config = alarmConfigSchema.parse({ ...config, ...change });
    gateway.alarms.reload(config, null);
    rules.reload(config);
  }
  if (outage !== undefined && frame >= outage.to) {
    await back();
    gateway.freshness.connected(nowMs);
    rules.connected(nowMs);
  }
  const next = outage === undefined ? outages.find(({ from }) => from === frame) : undefined;
  if (next !== undefined) {
    outage = next;
    await gateway.disconnect();
    await mosquitto.down();
    if (next.deaf) {
      gateway.freshness.disconnected();
      rules.disconnected();
    }
  }
  const how = restarts.get(frame);
  if (how === undefined) return;
  await gateway.stop(how);
  week.forget();
  const connected = outage?.deaf !== true;
  gateway = boot(nowMs, connected);
  rules.restart(nowMs, connected);
  if (outage === undefined) await gateway.connect(mosquitto.url);
}

async function back(): Promise<void> {
  outage = undefined;
  await mosquitto.up();
  await listener.join();
  await gateway.connect(mosquitto.url);
}

/** A request, which QoS 1 may deliver twice. */
function request(asset: string, { for: wish, type, durationS }: Ask, nowMs: number): void {
  const transaction = `${asset} ${nowMs} ${wish}`;
  const body = {
    asset,
    by: 'bench',
    transaction,
    ...(type !== null && { type }),
    ...(durationS !== undefined && { duration: durationS }),
  };
  const handle = () => gateway.requests.handle(`alarm/${wish}`, Buffer.from(JSON.stringify(body)), false, nowMs);
  const answer = handle();
  rules.asked(asset, type, wish, durationS === undefined ? undefined : nowMs + durationS * 1000, nowMs, answer.status);
  if (answer.status === 'ok' && JSON.stringify(handle()) !== JSON.stringify(answer))
    problems.push(`${asset}: ${wish} delivered twice was answered in two ways`);
}

/** Requests that must be refused and change nothing. */
function nonsense(frame: number, nowMs: number): void {
  const asset = names[frame % assetCount];
  const at = (ms: number) => new Date(nowMs + ms).toISOString();
  const bad: [string, unknown, boolean?][] = [
    ['alarm/ack', { asset: 'pump-0' }],
    ['alarm/ack', { id: 'no-such-alarm' }],
    ['alarm/out-of-service', { asset: 7 }],
    ['alarm/out-of-service', { asset, time: at(600_000) }],
    ['alarm/out-of-service', { asset, time: at(-600_000) }],
    ['alarm/out-of-service', { asset }, true],
    ['alarm/out-of-service', { asset, comment: 'x'.repeat(20_000) }],
    ['alarm/shelve', { asset, duration: 1e9 }],
    ['alarm/shelve', { asset, until: at(-1000) }],
    ['alarm/explode', { asset }],
  ];
  for (const [command, body, retained = false] of bad) {
    const { status, error } = gateway.requests.handle(command, Buffer.from(JSON.stringify(body)), retained, nowMs);
    if (status !== 'error' || error === undefined)
      problems.push(`${command} ${JSON.stringify(body).slice(0, 80)} was not refused`);
  }
}
