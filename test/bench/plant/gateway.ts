/** `anomalyd run` as a bench runs it: config, start, what it says of itself. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../fixtures/mosquitto.js';
import { programs } from './bundle.js';
import { type Shape, topicOf } from './packets.js';

export interface GatewayOptions {
  readonly broker: Record<string, unknown>;
  readonly bundle: string;
  readonly shape: Shape;
  readonly qos?: 0 | 1;
  /** Further settings. */
  readonly config?: Record<string, unknown>;
  /** Of node, before the program. */
  readonly nodeArgs?: readonly string[];
}

/** What the systemd units and the container give node: the nursery of V8, 16 MB as it comes, would take 48; and for so small a heap, waking helpers costs more than they save. */
const unitArgs = ['--max-semi-space-size=8', '--single-threaded-gc'];

export class Gateway {
  private child: ChildProcess | undefined;
  private said = '';

  private constructor(
    readonly dir: string,
    readonly http: string,
    private readonly options: GatewayOptions,
  ) {}

  static async make(options: GatewayOptions): Promise<Gateway> {
    const dir = mkdtempSync(path.join(tmpdir(), 'anomalyd-bench-'));
    const listen = `127.0.0.1:${await freePort()}`;
    const { broker, bundle, shape, qos = 0, config } = options;
    const input = {
      topic: topicOf[shape],
      qos,
      time: '$.time',
      format: 'json',
      ...(shape === 'reading1' && { values: '$.value' }),
    };
    writeFileSync(
      path.join(dir, 'config.json'),
      JSON.stringify({
        gateway: 'bench',
        broker,
        bundles: [{ name: 'pumps', path: bundle, maxAssets: 100_000 }],
        inputs: [input],
        metrics: { listen },
        stateDir: path.join(dir, 'state'),
        // Bursts come with silence between; nothing shall be filled in meanwhile.
        alignment: { latenessMs: 20_000 },
        ...config,
      }),
    );
    return new Gateway(dir, `http://${listen}`, options);
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Starts and waits until `/readyz` is content; gives the milliseconds that took. */
  async start(): Promise<number> {
    const args = [path.join(programs, 'daemon/cli.js'), 'run', '--config', path.join(this.dir, 'config.json')];
    const started = performance.now();
    const child = spawn(process.execPath, [...unitArgs, ...(this.options.nodeArgs ?? []), ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.said = (this.said + chunk.toString()).slice(-10_000);
    });
    this.child = child;
    for (;;) {
      const answer = await this.page('/readyz').catch(() => undefined);
      if (answer?.ok === true) return performance.now() - started;
      if (child.exitCode !== null) throw new Error(`anomalyd ended:\n${this.said}`);
      await sleep(10);
    }
  }

  page(at: string): Promise<Response> {
    return fetch(this.http + at, { signal: AbortSignal.timeout(5000) });
  }

  /** Sums over all series of each metric, labels left out; of those named, or of all. */
  async metrics(...names: string[]): Promise<Map<string, number>> {
    const query = names.map((name) => `name[]=${name}`).join('&');
    const text = await (await this.page(`/metrics?${query}`)).text();
    const sums = new Map<string, number>();
    for (const [, name = '', value = '0'] of text.matchAll(/^([a-z_]+)(?:\{.*\})? (\S+)$/gm))
      sums.set(name, (sums.get(name) ?? 0) + Number(value));
    return sums;
  }

  async stop(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), 8000);
    await once(child, 'exit');
    clearTimeout(killer);
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
