/** `anomalyd run` as a bench runs it: config, start, what it says of itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../fixtures/mosquitto.js';
import { programs } from './bundle.js';
import { topicOf } from './packets.js';
export class Gateway {
    dir;
    http;
    options;
    child;
    said = '';
    constructor(dir, http, options) {
        this.dir = dir;
        this.http = http;
        this.options = options;
    }
    static async make(options) {
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
        writeFileSync(path.join(dir, 'config.json'), JSON.stringify({
            gateway: 'bench',
            broker,
            bundles: [{ name: 'pumps', path: bundle, maxAssets: 100_000 }],
            inputs: [input],
            metrics: { listen },
            stateDir: path.join(dir, 'state'),
            ...config,
        }));
        return new Gateway(dir, `http://${listen}`, options);
    }
    get pid() {
        return this.child?.pid ?? 0;
    }
    /** Starts and waits until `/readyz` is content; gives the milliseconds that took. */
    async start() {
        const args = [path.join(programs, 'daemon/cli.js'), 'run', '--config', path.join(this.dir, 'config.json')];
        const started = performance.now();
        const child = spawn(process.execPath, [...(this.options.nodeArgs ?? []), ...args], {
            stdio: ['ignore', 'ignore', 'pipe'],
            env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
        });
        child.stderr?.on('data', (chunk) => {
            this.said = (this.said + chunk.toString()).slice(-10_000);
        });
        this.child = child;
        for (;;) {
            const answer = await this.page('/readyz').catch(() => undefined);
            if (answer?.ok === true)
                return performance.now() - started;
            if (child.exitCode !== null)
                throw new Error(`anomalyd ended:\n${this.said}`);
            await sleep(10);
        }
    }
    page(at) {
        return fetch(this.http + at, { signal: AbortSignal.timeout(5000) });
    }
    /** Sums over all series of each metric, labels left out. */
    async metrics() {
        const text = await (await this.page('/metrics')).text();
        const sums = new Map();
        for (const [, name = '', value = '0'] of text.matchAll(/^([a-z_]+)(?:\{.*\})? (\S+)$/gm))
            sums.set(name, (sums.get(name) ?? 0) + Number(value));
        return sums;
    }
    async stop() {
        const { child } = this;
        this.child = undefined;
        if (child === undefined || child.exitCode !== null)
            return;
        child.kill('SIGTERM');
        const killer = setTimeout(() => child.kill('SIGKILL'), 8000);
        await once(child, 'exit');
        clearTimeout(killer);
    }
    remove() {
        rmSync(this.dir, { recursive: true, force: true });
    }
}
