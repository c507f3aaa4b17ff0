/** `npm run bench:overload`: twice what the daemon can take, for ten seconds: what it sheds, how it answers meanwhile, how soon it is well again. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { machine, round, rssMb } from './plant/processes.js';
import { DaemonTrial } from './plant/trial.js';

const { values } = parseArgs({
  // Ten rows a packet: more than the daemon can score, and not more than mosquitto can deliver.
  options: { rate: { type: 'string', default: '80000' }, seconds: { type: 'string', default: '10' } },
});
const assets = 200;
const trial = await DaemonTrial.start({ shape: 'row10', qos: 0, assets, brokerQueue: 1000 });
const { gateway } = trial;
await trial.burst(5000, 2);
const before = await gateway.metrics();
const rssBefore = rssMb(gateway.pid);

let slowestMs = 0;
let rssMax = 0;
let watching = true;
const watch = (async () => {
  while (watching) {
    const asked = performance.now();
    await gateway.page('/healthz');
    slowestMs = Math.max(slowestMs, performance.now() - asked);
    rssMax = Math.max(rssMax, rssMb(gateway.pid));
    await sleep(100);
  }
})();
const rounds = (seconds: number, rate: number) => Math.round((rate * seconds) / assets);
const rate = Number(values.rate);
const flood = await trial.machines.ask<{ packets: number; elapsedMs: number }>({
  burst: { rate, rounds: rounds(Number(values.seconds), rate) },
});
const ended = performance.now();
// A tenth of the load goes on; well again means that a second passes without a frame shed and with none older than 100 ms under way.
const calm = trial.machines.ask({ burst: { rate: rate / 40, rounds: rounds(8, rate / 40) } });
let recoveredMs = Number.POSITIVE_INFINITY;
for (let last = await gateway.metrics(); performance.now() - ended < 8000; ) {
  const since = performance.now();
  await sleep(500);
  const now = await gateway.metrics();
  const grown = (name: string) => (now.get(name) ?? 0) - (last.get(name) ?? 0);
  const shed = grown('anomalyd_frames_dropped_total');
  const latencyS = grown('anomalyd_latency_seconds_sum') / Math.max(1, grown('anomalyd_latency_seconds_count'));
  last = now;
  if (shed === 0 && latencyS < 0.1) {
    recoveredMs = since - ended;
    break;
  }
}
await calm;
watching = false;
await watch;
const after = await gateway.metrics();
await trial.stop();
const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
console.log(
  JSON.stringify({
    bench: 'overload',
    offeredRowsPerS: round((flood.packets * 10_000) / flood.elapsedMs, -2),
    rows: flood.packets * 10,
    frames: grown('anomalyd_frames_total'),
    scored: grown('anomalyd_frames_scored_total'),
    shed: grown('anomalyd_frames_dropped_total'),
    healthzMaxMs: round(slowestMs),
    rssMb: round(rssBefore),
    rssMaxMb: round(rssMax),
    recoveredMs: round(recoveredMs),
    machine: machine(),
  }),
);
