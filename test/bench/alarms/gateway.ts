/** A gateway without models: everything from verdicts to a real broker, which can be stopped and started again. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { Alarms } from '../../../daemon/alarm/alarms.js';
import type { AlarmConfig } from '../../../daemon/alarm/config.js';
import { Freshness } from '../../../daemon/freshness.js';
import { Outbox } from '../../../daemon/outbox.js';
import { Publisher } from '../../../daemon/publish.js';
import { Topics } from '../../../daemon/publish-topics.js';
import { Requests } from '../../../daemon/request.js';
import { AuditLog } from '../../../daemon/request-audit.js';
import type { Manifest } from '../../../model/manifest.js';
import type { Told } from './rules.js';
import { periodMs } from './scenario.js';

const health = { min: -1e9, max: 1e9, maxStep: 1e9, flatFrames: 0, flatRange: 0 };
const channels: Manifest['channels'] = [
  { name: 'vibration', unit: 'mm/s', scale: 0.3, center: 2, health },
  { name: 'temperature', unit: 'degC', scale: 2, center: 60, health },
  { name: 'flow', unit: 'L/min', scale: 1, center: 10, health },
];

export const topics = new Topics('anomalyd/bench');

export class Gateway {
  readonly alarms: Alarms;
  readonly requests: Requests;
  readonly freshness: Freshness;
  readonly #outbox: Outbox;
  readonly #publisher: Publisher;
  #client: MqttClient | undefined;
  nowMs = 0;

  constructor(dir: string, config: AlarmConfig, assets: readonly string[], told: Told[], nowMs: number) {
    this.nowMs = nowMs;
    mkdirSync(dir, { recursive: true });
    this.#outbox = Outbox.open(join(dir, 'outbox'));
    this.#publisher = new Publisher({ topics, outbox: this.#outbox, onQueued: () => {} });
    this.alarms = new Alarms({
      gateway: 'bench',
      config,
      configHash: null,
      onChange: (change) => {
        const { transition } = change;
        if (transition !== null) told.push({ ...change, transition });
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
      onChange: (bundle, slot, sinceMs, usualMs, alone) => {
        if (alone) this.alarms.silent(bundle, slot, sinceMs, usualMs, this.nowMs);
      },
      onAll: (sinceMs) => this.alarms.allSilent(sinceMs, assets.length, this.nowMs),
    });
    this.freshness.connected(nowMs);
    assets.forEach((asset, slot) => {
      const silent = stored.some((alarm) => alarm.asset === asset && alarm.type === 'data-stale' && alarm.state.open);
      this.freshness.watch(0, slot, periodMs, config.staleAfterS * 1000, silent);
    });
  }

  async connect(url: string): Promise<void> {
    this.#client = await mqtt.connectAsync(url, { reconnectPeriod: 0 });
    this.#client.on('error', () => {});
    this.#publisher.connected(this.alarms.retained(), this.alarms.snapshot());
  }

  async disconnect(): Promise<void> {
    await this.#client?.endAsync(true);
    this.#client = undefined;
  }

  /** Hands what waits to the broker, if it is there. */
  async flush(): Promise<void> {
    const client = this.#client;
    if (client?.connected !== true) return;
    await this.#outbox.pump(async (topic, payload, options) => {
      await client.publishAsync(topic, payload, options);
    });
  }

  async stop(): Promise<void> {
    this.#publisher.leaving(this.alarms.snapshot());
    await this.flush();
    await this.disconnect();
    this.#outbox.close();
  }
}
