/** A gateway without models: everything from verdicts to a real broker, which can be stopped and started again. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import mqtt, {} from 'mqtt';
import { Alarms } from '../../../daemon/alarm/alarms.js';
import { Freshness } from '../../../daemon/freshness.js';
import { Outbox } from '../../../daemon/outbox.js';
import { Publisher } from '../../../daemon/publish.js';
import { Topics } from '../../../daemon/publish-topics.js';
import { Requests } from '../../../daemon/request.js';
import { AuditLog } from '../../../daemon/request-audit.js';
import { periodMs } from './scenario.js';
const health = { min: -1e9, max: 1e9, maxStep: 1e9, flatFrames: 0, flatRange: 0 };
const channels = [
    { name: 'vibration', unit: 'mm/s', scale: 0.3, center: 2, health },
    { name: 'temperature', unit: 'degC', scale: 2, center: 60, health },
    { name: 'flow', unit: 'L/min', scale: 1, center: 10, health },
];
export const topics = new Topics('anomalyd/bench');
export class Gateway {
    alarms;
    requests;
    freshness;
    #outbox;
    #publisher;
    #client;
    nowMs = 0;
    constructor(dir, config, assets, told, nowMs) {
        this.nowMs = nowMs;
        mkdirSync(dir, { recursive: true });
        this.#outbox = Outbox.open(join(dir, 'outbox'));
        this.#publisher = new Publisher({ topics, outbox: this.#outbox, onQueued: () => { } });
        this.alarms = new Alarms({
            gateway: 'bench',
            config,
            configHash: null,
            onChange: (change) => {
                const { transition } = change;
                if (transition !== null)
                    told.push({ ...change, transition });
                this.#publisher.alarm(change);
            },
        });
        const stored = this.#publisher.storedAlarms();
        this.alarms.restore(stored);
        this.alarms.setBundle(0, {
            name: 'pumps',
            version: '1',
            hash: '',
            channels,
            periodMs,
            lookbackMs: 5 * periodMs,
            assets,
        });
        this.requests = new Requests({
            audit: new AuditLog(join(dir, 'audit')),
            handlers: { alarm: (command, now) => this.alarms.command(command, now) },
        });
        this.freshness = new Freshness({
            onChange: (bundle, slot, sinceMs, usualMs) => this.alarms.silent(bundle, slot, sinceMs, usualMs, this.nowMs),
        });
        this.freshness.connected(nowMs);
        assets.forEach((asset, slot) => {
            const silent = stored.some((alarm) => alarm.asset === asset && alarm.type === 'data-stale' && alarm.state.open);
            this.freshness.watch(0, slot, periodMs, config.staleAfterS * 1000, silent);
        });
    }
    async connect(url) {
        this.#client = await mqtt.connectAsync(url, { reconnectPeriod: 0 });
        this.#client.on('error', () => { });
        this.#publisher.connected(this.alarms.retained(), this.alarms.snapshot());
    }
    async disconnect() {
        await this.#client?.endAsync(true);
        this.#client = undefined;
    }
    /** Hands what waits to the broker, if it is there. */
    async flush() {
        const client = this.#client;
        if (client?.connected !== true)
            return;
        await this.#outbox.pump(async (topic, payload, options) => {
            await client.publishAsync(topic, payload, options);
        });
    }
    async stop() {
        this.#publisher.leaving(this.alarms.snapshot());
        await this.flush();
        await this.disconnect();
        this.#outbox.close();
    }
}
