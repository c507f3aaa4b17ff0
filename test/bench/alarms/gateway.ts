/** A gateway without models: everything from verdicts to a real broker, which can be stopped and started again. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { Alarms } from '../../../daemon/alarm/alarms.js';
import { gatewayAsset } from '../../../daemon/alarm/asset.js';
import type { AlarmConfig } from '../../../daemon/alarm/config.js';
import { Freshness } from '../../../daemon/freshness.js';
import { Outbox } from '../../../daemon/outbox.js';
import { Publisher } from '../../../daemon/publish.js';
import { Topics } from '../../../daemon/publish-topics.js';
import { Requests } from '../../../daemon/request.js';
import { AuditLog } from '../../../daemon/request-audit.js';
import type { Bundle } from '../../../model/bundle.js';
import type { Told } from './rules.js';

export const topics = new Topics('anomalyd/bench');

export interface GatewayOptions {
  readonly dir: string;
  readonly config: AlarmConfig;
  readonly assets: readonly string[];
  readonly bundle: Bundle;
  /** Takes every transition. */
  readonly told: Told[];
  readonly nowMs: number;
  /** The broker is there. */
  readonly connected: boolean;
}

export class Gateway {
  readonly alarms: Alarms;
  readonly requests: Requests;
  readonly freshness: Freshness;
  readonly #outbox: Outbox;
  readonly #publisher: Publisher;
  #client: MqttClient | undefined;
  nowMs = 0;

  constructor({ dir, config, assets, told, nowMs, bundle, connected }: GatewayOptions) {
    const { channels, periodMs } = bundle.manifest;
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
      version: bundle.manifest.version,
      hash: '',
      channels,
      periodMs,
      lookbackMs: 10 * periodMs,
      assets,
    });
    this.requests = new Requests({
      audit: new AuditLog(join(dir, 'audit')),
      handlers: { alarm: (command, now) => this.alarms.command(command, now) },
    });
    // As `daemon/presence.ts` does it.
    const stale = new Set(
      stored
        .filter(({ type, state }) => type === 'data-stale' && state.condition === 'active')
        .map(({ asset }) => asset),
    );
    this.freshness = new Freshness(
      {
        onChange: (index, slot, sinceMs, usualMs, alone) => {
          if (alone) this.alarms.silent(index, slot, sinceMs, usualMs, this.nowMs);
        },
        onAll: (sinceMs) => this.alarms.allSilent(sinceMs, assets.length, this.nowMs),
      },
      stale.has(gatewayAsset),
    );
    if (connected) this.freshness.connected(nowMs);
    for (const [slot, asset] of assets.entries())
      this.freshness.watch(0, slot, periodMs, config.staleAfterS * 1000, stale.has(asset));
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

  /** Ends it as a service ends, or as a power cut does: then nothing is written and nothing said. */
  async stop(how: 'orderly' | 'abrupt' = 'orderly'): Promise<void> {
    if (how === 'orderly') {
      this.#publisher.leaving(this.alarms.snapshot());
      await this.flush();
    }
    await this.disconnect();
    this.#outbox.close();
  }
}
