/** `npm run bench:latency`: from the row that completes the evidence until its alert is received, while 1,000 and 10,000 other rows a second go by. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import mqtt from 'mqtt';
import { benchPlant, periodMs, signals } from './plant/bundle.js';
import { topicOf } from './plant/packets.js';
import { machine, round } from './plant/processes.js';
import { DaemonTrial } from './plant/trial.js';

const { values } = parseArgs({
  options: { rate: { type: 'string', multiple: true }, probes: { type: 'string', default: '1000' } },
});
const probes = Number(values.probes);
/** Longer than any latency worth measuring, so that an alert belongs to the last row sent. */
const spacingMs = 400;
const staggerMs = 25;
const warmUpRows = 24;

for (const rate of (values.rate ?? ['1000', '10000']).map(Number)) {
  const trial = await DaemonTrial.start({ shape: 'row1', qos: 0, assets: 200 });
  await trial.burst(rate, 2);
  const seconds = (probes * staggerMs) / 1000 + 10;
  const background = trial.burst(rate, seconds);
  const latencies = await probe(trial.port);
  await background;
  await trial.stop();
  const at = (share: number) => round(latencies[Math.ceil(share * latencies.length) - 1] ?? Number.NaN, 1);
  const quantiles = { p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999) };
  console.log(
    JSON.stringify({ bench: 'latency', rate, alerts: latencies.length, probes, ...quantiles, machine: machine() }),
  );
}

/** Sorted latencies of one alarm of each probe. */
async function probe(port: number): Promise<number[]> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`);
  const { stream } = client;
  if ('setNoDelay' in stream && typeof stream.setNoDelay === 'function') stream.setNoDelay(true);
  const sent = new Map<string, number>();
  const latencies: number[] = [];
  client.on('message', (topic) => {
    const name = topic.split('/')[2] ?? '';
    const at = sent.get(name);
    if (at === undefined) return;
    sent.delete(name);
    latencies.push(performance.now() - at);
  });
  await client.subscribeAsync('anomalyd/bench/+/event', { qos: 1 });
  const startMs = Math.floor(Date.now() / periodMs - 1000) * periodMs;
  const { rows } = benchPlant();
  const row = (name: string, k: number, factor: number) => {
    const values = Object.fromEntries(signals.map((signal, c) => [signal, (rows[k]?.[c] ?? 0) * factor]));
    client.publish(topicOf.row1.replace('{asset}', name), JSON.stringify({ time: startMs + k * periodMs, ...values }));
  };
  const one = async (i: number) => {
    await sleep(i * staggerMs);
    const name = `probe-${i}`;
    for (let k = 0; k < warmUpRows; k++) row(name, k, 1);
    for (let k = warmUpRows; k < warmUpRows + 8; k++) {
      await sleep(spacingMs);
      if (k > warmUpRows && !sent.has(name)) return;
      sent.set(name, performance.now());
      row(name, k, 1.5);
    }
  };
  await Promise.all(Array.from({ length: probes }, (_, i) => one(i)));
  await client.endAsync();
  return latencies.sort((a, b) => a - b);
}
