/** One subscriber under test on its own broker, and the machines that send: plays bursts and says what came of them. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, type Mosquitto, startMosquitto } from '../../fixtures/mosquitto.js';
import { type BenchPlant, benchPlant, signals } from './bundle.js';
import { Gateway } from './gateway.js';
import type { BurstDone, MachinesStart } from './machines.js';
import { instantsOf, type Shape, topicOf } from './packets.js';
import { cpuSeconds, Helper, rssMb } from './processes.js';

export interface TrialOptions {
  readonly shape: Shape;
  readonly qos: 0 | 1;
  readonly assets: number;
  /** anomalyd's own broker instead of mosquitto. */
  readonly embedded?: true;
  readonly nodeArgs?: readonly string[];
  /** Further config of the daemon. */
  readonly config?: Record<string, unknown>;
  /** `benchPlant()` where not given. */
  readonly plant?: BenchPlant;
  /** Messages that mosquitto keeps for a slow subscriber; all where not given. */
  readonly brokerQueue?: number;
}

export interface BurstResult extends BurstDone {
  /** From the last packet until all is taken in; Infinity when that never comes. */
  readonly lagMs: number;
  /** Packets or frames that are missing at the end. */
  readonly dropped: number;
  /** Cores that the subscriber kept busy. */
  readonly cpu: number;
  readonly rssMb: number;
}

export interface Trial {
  /** Packets of one instant of all assets. */
  readonly packetsPerRound: number;
  burst(rate: number, seconds: number): Promise<BurstResult>;
  stop(): Promise<void>;
}

const patienceMs = 20_000;

/** mosquitto with room for bursts, or nothing where the daemon brings its own broker. */
export async function startBroker(embedded: boolean, queue = 0): Promise<{ port: number; mosquitto?: Mosquitto }> {
  if (embedded) return { port: await freePort() };
  const mosquitto = await startMosquitto({
    extra: ['max_inflight_messages 0', 'max_queued_bytes 0', `max_queued_messages ${queue}`, 'log_type error'],
    quiet: true,
  });
  return { port: mosquitto.port, mosquitto };
}

export async function startMachines(options: TrialOptions, port: number): Promise<Helper> {
  const machines = Helper.start('./machines.js');
  const { shape, qos, assets, plant = benchPlant() } = options;
  // In the past, so that event time may run far faster than the clock.
  const startMs = Math.floor(Date.now() / 1e6) * 1e6 - 60 * 86_400_000;
  const start: MachinesStart = { port, shape, qos, assets, signals: plant.signals, rows: plant.rows, startMs };
  await machines.ask({ start });
  return machines;
}

function packetsPerRound({ shape, assets, plant }: TrialOptions): number {
  return assets * (shape === 'reading1' ? (plant?.signals ?? signals).length : 1);
}

/** Plays a burst, then waits until `count` has grown by `expected`. */
async function play(
  machines: Helper,
  pid: number,
  burst: { rate: number; rounds: number },
  expected: number,
  count: () => Promise<number>,
): Promise<BurstResult> {
  const before = await count();
  const cpuBefore = cpuSeconds(pid);
  const done = await machines.ask<BurstDone>({ burst });
  const ended = performance.now();
  const cpu = ((cpuSeconds(pid) - cpuBefore) * 1000) / done.elapsedMs;
  let got = (await count()) - before;
  const pollMs = 100;
  let stalledMs = 0;
  while (got < expected && stalledMs < 1500 && performance.now() - ended < patienceMs) {
    await sleep(pollMs);
    const now = (await count()) - before;
    stalledMs = now === got ? stalledMs + pollMs : 0;
    got = now;
  }
  const lagMs = got >= expected ? performance.now() - ended : Number.POSITIVE_INFINITY;
  return { ...done, lagMs, dropped: expected - got, cpu, rssMb: rssMb(pid) };
}

/** MQTT.js and JSON.parse, nothing else. */
export class BareTrial implements Trial {
  private constructor(
    private readonly options: TrialOptions,
    private readonly machines: Helper,
    private readonly bare: Helper,
    private readonly mosquitto: Mosquitto | undefined,
  ) {}

  static async start(options: TrialOptions): Promise<BareTrial> {
    const { port, mosquitto } = await startBroker(false);
    const bare = Helper.start('./bare.js');
    const filter = topicOf[options.shape].replace(/\{\w+\}/g, '+');
    await bare.ask({ start: { url: `mqtt://127.0.0.1:${port}`, filter, qos: options.qos } });
    return new BareTrial(options, await startMachines(options, port), bare, mosquitto);
  }

  get packetsPerRound(): number {
    return packetsPerRound(this.options);
  }

  burst(rate: number, seconds: number): Promise<BurstResult> {
    const rounds = Math.max(1, Math.round((rate * seconds) / this.packetsPerRound));
    const expected = rounds * this.packetsPerRound;
    const count = () => this.bare.ask<number>({});
    return play(this.machines, this.bare.child.pid ?? 0, { rate, rounds }, expected, count);
  }

  async stop(): Promise<void> {
    await this.machines.end();
    await this.bare.end();
    await this.mosquitto?.stop();
  }
}

/** The daemon; what counts is frames that are scored. */
export class DaemonTrial implements Trial {
  private constructor(
    private readonly options: TrialOptions,
    readonly machines: Helper,
    readonly gateway: Gateway,
    /** The broker's. */
    readonly port: number,
    private readonly mosquitto: Mosquitto | undefined,
  ) {}

  static async start(options: TrialOptions): Promise<DaemonTrial> {
    const { embedded = false, shape, qos } = options;
    const { port, mosquitto } = await startBroker(embedded, options.brokerQueue);
    const gateway = await Gateway.make({
      ...options,
      broker: embedded ? { embedded: { listen: `127.0.0.1:${port}` } } : { url: `mqtt://127.0.0.1:${port}` },
      bundle: (options.plant ?? benchPlant()).bundle,
      shape,
      qos,
    });
    await gateway.start();
    return new DaemonTrial(options, await startMachines(options, port), gateway, port, mosquitto);
  }

  get packetsPerRound(): number {
    return packetsPerRound(this.options);
  }

  async burst(rate: number, seconds: number): Promise<BurstResult> {
    const { gateway, options } = this;
    const rounds = Math.max(1, Math.round((rate * seconds) / this.packetsPerRound));
    const expected = rounds * options.assets * instantsOf[options.shape];
    const counter = 'anomalyd_frames_scored_total';
    const scored = async () => (await gateway.metrics(counter)).get(counter) ?? 0;
    // Prometheus looks in, as often as ours does (deploy/prometheus).
    const scraper = setInterval(
      () =>
        void gateway.page('/metrics').then(
          (answer) => answer.text(),
          () => undefined,
        ),
      15_000,
    );
    try {
      const result = await play(this.machines, gateway.pid, { rate, rounds }, expected, scored);
      if (process.env.BENCH_VERBOSE === '1' && result.dropped > 0) console.error(await gateway.metrics());
      return result;
    } finally {
      clearInterval(scraper);
    }
  }

  async stop(): Promise<void> {
    await this.machines.end();
    await this.gateway.stop();
    await this.mosquitto?.stop();
    this.gateway.remove();
  }
}
