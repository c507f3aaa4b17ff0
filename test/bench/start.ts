/** `npm run bench:start`: from the start of the process until it is subscribed, and until the first score with what a run before has left behind. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { benchPlant } from './plant/bundle.js';
import { Gateway } from './plant/gateway.js';
import { machine, round } from './plant/processes.js';
import { startBroker, startMachines } from './plant/trial.js';

const runs = 5;
const scored = 'anomalyd_frames_scored_total';
const { port, mosquitto } = await startBroker(false);
const gateway = await Gateway.make({
  broker: { url: `mqtt://127.0.0.1:${port}` },
  bundle: benchPlant().bundle,
  shape: 'row1',
});
const machines = await startMachines({ shape: 'row1', qos: 0, assets: 200 }, port);
const subscribed: number[] = [];
const firstScore: number[] = [];
for (let run = 0; run <= runs; run++) {
  const playing = machines.ask({ burst: { rate: 1000, rounds: 20 } });
  const started = performance.now();
  const readyMs = await gateway.start();
  while (((await gateway.metrics(scored)).get(scored) ?? 0) === 0) await sleep(5);
  // The first start has nothing to restore, and fills the file cache.
  if (run > 0) {
    subscribed.push(readyMs);
    firstScore.push(performance.now() - started);
  }
  await playing;
  await gateway.stop();
}
await machines.end();
await mosquitto?.stop();
gateway.remove();
const median = (times: number[]) => round(times.sort((a, b) => a - b)[times.length >> 1] ?? 0);
console.log(
  JSON.stringify({
    bench: 'start',
    subscribedMs: median(subscribed),
    firstScoreMs: median(firstScore),
    runs,
    machine: machine(),
  }),
);
