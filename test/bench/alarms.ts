/** `npm run bench:alarms -- --seed 1`: a week of 50 assets through alarms, outbox and a real broker; every transition checked against the rules. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import mqtt from 'mqtt';
import { alarmConfigSchema } from '../../daemon/alarm/config.js';
import { maintenanceAt, windowsOf } from '../../daemon/alarm/maintenance.js';
import type { ResultBatch } from '../../model/frames.js';
import { startMosquitto } from '../fixtures/mosquitto.js';
import { Gateway, topics } from './alarms/gateway.js';
import { type Told, unexplained } from './alarms/rules.js';
import { type AssetWeek, assetWeek, periodMs, random, startMs, weekFrames } from './alarms/scenario.js';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, verbose: { type: 'boolean', default: false } },
});
const assetCount = 50;
const flushFrames = 360;

const config = alarmConfigSchema.parse({
  staleAfterS: 300,
  maintenance: [
    { assets: 'pump-1*', days: ['wed'], start: '02:00', end: '06:00' },
    { assets: 'pump-2*', from: '2026-03-04T10:00:00Z', to: '2026-03-04T16:00:00Z' },
  ],
});

const rand = random(Number(values.seed));
const weeks = Array.from({ length: assetCount }, (_, k) => assetWeek(`pump-${k}`, rand));
const names = weeks.map(({ name }) => name);
// Half an hour in which nothing comes in from anyone, when no fault is under way.
const plantOutage = { from: weekFrames - 12_000, to: weekFrames - 11_820 };
for (const { present } of weeks) present.fill(0, plantOutage.from, plantOutage.to);
const told: Told[] = [];
const dir = mkdtempSync(join(tmpdir(), 'bench-alarms-'));
const mosquitto = await startMosquitto();
const pick = (count: number) => new Set(Array.from({ length: count }, () => Math.floor(rand() * weekFrames)));
const restarts = pick(5);
const outages = new Map([...pick(6)].map((frame) => [frame, frame + Math.floor(rand() * 720)]));

let gateway = new Gateway(dir, config, names, told, startMs);
await gateway.connect(mosquitto.url);
let upAgain = -1;
for (let frame = 0; frame < weekFrames; frame++) {
  const nowMs = startMs + frame * periodMs;
  gateway.nowMs = nowMs;
  if (restarts.has(frame)) {
    await gateway.stop();
    gateway = new Gateway(dir, config, names, told, nowMs);
    if (upAgain < 0) await gateway.connect(mosquitto.url);
  }
  if (outages.has(frame) && upAgain < 0) {
    upAgain = outages.get(frame) ?? frame;
    await gateway.disconnect();
    await mosquitto.down();
  } else if (upAgain >= 0 && frame >= upAgain) {
    upAgain = -1;
    await mosquitto.up();
    await gateway.connect(mosquitto.url);
  }
  for (const week of weeks)
    for (const { frame: at, name, durationS } of week.commands)
      if (at === frame) {
        const request = { asset: week.name, by: 'bench', ...(durationS !== undefined && { duration: durationS }) };
        gateway.requests.handle(name, Buffer.from(JSON.stringify(request)), false, nowMs);
      }
  weeks.forEach((week, slot) => {
    if (week.present[frame] === 1) gateway.freshness.seen(0, slot, nowMs);
  });
  gateway.alarms.results(0, batchOf(frame, nowMs), nowMs);
  gateway.alarms.tick(nowMs);
  gateway.freshness.tick(nowMs);
  if (frame % flushFrames === 0) await gateway.flush();
}
if (upAgain >= 0) {
  await mosquitto.up();
  await gateway.connect(mosquitto.url);
}
await gateway.flush();

const problems = weeks.flatMap((week) =>
  unexplained(
    week,
    told.filter(({ message }) => message.asset === week.name),
    config,
  ),
);
problems.push(...ofOutage());
const mismatches = await compare();
const perFault = weeks.flatMap(alertsPerFault);
const during = weeks.reduce((sum, week) => sum + alertsInSilence(week), 0);
const noisy = weeks.flatMap((week) =>
  alertsPerFault(week).flatMap((count, k) =>
    count > 6
      ? [`${week.name}: ${count} alerts of a fault (${week.faults[k]?.kind} from frame ${week.faults[k]?.from})`]
      : [],
  ),
);
await gateway.stop();
await mosquitto.stop();
rmSync(dir, { recursive: true, force: true });
if (values.verbose) for (const problem of [...problems, ...mismatches, ...noisy]) console.error(problem);
const maxAlertsPerFault = Math.max(0, ...perFault);
const alarms = {
  assets: assetCount,
  transitions: told.length,
  alerts: told.filter(({ transition }) => transition.alert).length,
  faults: weeks.reduce((sum, { faults }) => sum + faults.length, 0),
  unexplained: problems.length,
  maxAlertsPerFault,
  duringShelving: during,
  mismatches: mismatches.length,
};
console.log(JSON.stringify({ alarms }));
if (problems.length + mismatches.length + during > 0 || maxAlertsPerFault > 6) process.exitCode = 1;

function batchOf(frame: number, nowMs: number): ResultBatch {
  const slots = names.map((_, slot) => slot).filter((slot) => weeks[slot]?.present[frame] === 1);
  const of = (pick: (week: AssetWeek) => ArrayLike<number>) =>
    slots.map((slot) => pick(weeks[slot] as AssetWeek)[frame] ?? 0);
  const n = slots.length;
  const health = new Uint8Array(3 * n);
  of((week) => week.health).forEach((state, k) => {
    health[3 * k] = state;
  });
  return {
    n,
    slot: Int32Array.from(slots),
    timeMs: new Float64Array(n).fill(nowMs),
    severity: Float32Array.from(of((week) => week.severity)),
    instant: Float32Array.from(of((week) => week.instant)),
    detector: new Float32Array(n),
    contribution: new Float32Array(3 * n).fill(1 / 3),
    expected: new Float32Array(3 * n).fill(2),
    actual: new Float32Array(3 * n).fill(3),
    health,
    mode: new Uint8Array(n).fill(1),
  };
}

/** What the broker holds at the end against what we know. */
async function compare(): Promise<string[]> {
  const held = new Map<string, string>();
  const client = await mqtt.connectAsync(mosquitto.url);
  client.on('message', (topic, payload) => held.set(topic, payload.toString()));
  await client.subscribeAsync(`${topics.base}/+/alarm/+`);
  // The broker sends what it retains before it answers anything later.
  await client.publishAsync('bench/done', '', { qos: 1 });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await client.endAsync();
  const known = new Map(
    gateway.alarms.retained().map((message) => [topics.alarm(message.asset, message.type), message]),
  );
  const differs = [...known]
    .filter(([topic, message]) => held.get(topic) !== JSON.stringify(message))
    .map(([topic]) => `differs: ${topic}`);
  return [...differs, ...[...held.keys()].filter((topic) => !known.has(topic)).map((topic) => `stray: ${topic}`)];
}

/** A plant that falls silent is one alarm of the gateway, and none of an asset. */
function ofOutage(): string[] {
  const frameOf = ({ transition }: Told) => Math.round((transition.timeMs - startMs) / periodMs);
  const within = (one: Told) => frameOf(one) >= plantOutage.from && frameOf(one) <= plantOutage.to;
  const process = ['raised', 'cleared'];
  const stale = told.filter(
    ({ message, transition }) => message.type === 'data-stale' && process.includes(transition.kind),
  );
  const own = stale
    .filter(({ message }) => message.asset === 'bridge')
    .map((one) => `${one.transition.kind} ${within(one)}`);
  const each = stale.filter((one) => one.message.asset !== 'bridge' && one.transition.kind === 'raised' && within(one));
  return [
    ...(own.join() === 'raised true,cleared true' ? [] : [`bridge: ${own.join()}`]),
    ...each.map(({ message }) => `${message.asset}: stale in the silence of all`),
  ];
}

/** Alerts that the gateway sent of its own accord from each fault's beginning to that of the next. */
function alertsPerFault({ name, faults }: AssetWeek): number[] {
  const people = ['acknowledged', 'shelved', 'out-of-service', 'in-service'];
  const frames = told
    .filter(
      ({ message, transition }) => message.asset === name && transition.alert && !people.includes(transition.kind),
    )
    .map(({ transition }) => (transition.timeMs - startMs) / periodMs);
  return faults.map(({ from }, k) => {
    const until = faults[k + 1]?.from ?? weekFrames;
    return frames.filter((frame) => frame >= from && frame < until).length;
  });
}

/** Alerts inside shelvings, out-of-service times and maintenance windows, their beginnings and ends left out. */
function alertsInSilence({ name, commands }: AssetWeek): number {
  const windows = windowsOf(config.maintenance, name);
  const spans: [number, number][] = [];
  for (const [k, { name: command, frame, durationS = 0 }] of commands.entries()) {
    const end = (closing: string) => commands.slice(k).find((other) => other.name === closing)?.frame ?? weekFrames;
    if (command === 'alarm/shelve')
      spans.push([frame, Math.min(frame + (durationS * 1000) / periodMs, end('alarm/unshelve'))]);
    if (command === 'alarm/out-of-service') spans.push([frame, end('alarm/in-service')]);
  }
  return told.filter(({ message, transition: { kind, alert, timeMs } }) => {
    if (kind === 'suppressed') return false;
    const frame = (timeMs - startMs) / periodMs;
    const silent = maintenanceAt(windows, timeMs).on || spans.some(([from, to]) => frame > from && frame < to);
    return message.asset === name && alert && silent;
  }).length;
}
