/** A gateway without models for cases and properties: verdicts, requests, time and restarts in; what the broker gets comes out. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Alarms } from '../../../daemon/alarm/alarms.js';
import { type AlarmConfig, alarmConfigSchema } from '../../../daemon/alarm/config.js';
import type { AlarmChange } from '../../../daemon/alarm/ledger.js';
import { Freshness } from '../../../daemon/freshness.js';
import type { AlarmMessage, EventMessage } from '../../../daemon/message/alarm.js';
import type { Response } from '../../../daemon/message/request.js';
import { Outbox } from '../../../daemon/outbox.js';
import { Publisher } from '../../../daemon/publish.js';
import { Topics } from '../../../daemon/publish-topics.js';
import { Requests } from '../../../daemon/request.js';
import { AuditLog } from '../../../daemon/request-audit.js';
import { batch, type Frame, pumps, startMs } from './batches.js';

export const assets = ['pump-1', 'pump-2', 'fan-1'];
export const base = 'anomalyd/gw';

export class Fleet {
  /** What the broker retains, by topic. */
  readonly retained = new Map<string, string>();
  /** Events that the broker got. */
  readonly events: EventMessage[] = [];
  /** All that the broker got, in order. */
  readonly sent: { readonly topic: string; readonly payload: string }[] = [];
  readonly changes: AlarmChange[] = [];
  /** False = the broker is away. */
  connected = true;
  readonly #dir = mkdtempSync(join(tmpdir(), 'fleet-'));
  #config: AlarmConfig;
  #nowMs = startMs;
  #parts: ReturnType<Fleet['boot']>;
  #versions = 1;

  constructor(config: object) {
    this.#config = alarmConfigSchema.parse(config);
    this.#parts = this.boot();
  }

  private boot() {
    const outbox = Outbox.open(join(this.#dir, 'outbox'));
    const publisher = new Publisher({ topics: new Topics(base), outbox, onQueued: () => {} });
    const alarms = new Alarms({
      gateway: 'gw',
      config: this.#config,
      configHash: null,
      onChange: (change) => {
        this.changes.push(change);
        publisher.alarm(change);
      },
    });
    const stored = publisher.storedAlarms();
    alarms.restore(stored);
    alarms.setBundle(0, this.#bundle());
    const requests = new Requests({
      audit: new AuditLog(join(this.#dir, 'audit')),
      handlers: { alarm: (command, now) => alarms.command(command, now) },
    });
    const stale = (asset: string) =>
      stored.some(
        (alarm) => alarm.asset === asset && alarm.type === 'data-stale' && alarm.state.condition === 'active',
      );
    const freshness = new Freshness(
      {
        onChange: (bundle, slot, sinceMs, usualMs, alone) => {
          if (alone) alarms.silent(bundle, slot, sinceMs, usualMs, this.#nowMs);
        },
        onAll: (sinceMs) => alarms.allSilent(sinceMs, assets.length, this.#nowMs),
      },
      stale('bridge'),
    );
    for (const [slot, asset] of assets.entries())
      freshness.watch(0, slot, 1000, this.#config.staleAfterS * 1000, stale(asset));
    freshness.connected(this.#nowMs);
    publisher.connected(alarms.retained(), alarms.snapshot());
    return { outbox, publisher, alarms, requests, freshness };
  }

  /** What the daemon knows to be retained. */
  known(): AlarmMessage[] {
    return this.#parts.alarms.retained();
  }

  frame(asset: string, second: number, frame: Omit<Frame, 'timeMs' | 'slot'>): void {
    const slot = assets.indexOf(asset);
    const nowMs = this.#at(second);
    this.#parts.freshness.seen(0, slot, nowMs);
    this.#parts.alarms.results(0, batch([{ ...frame, slot, timeMs: nowMs }]), nowMs);
  }

  tick(second: number): void {
    const nowMs = this.#at(second);
    this.#parts.alarms.tick(nowMs);
    this.#parts.freshness.tick(nowMs);
  }

  ask(command: string, request: string | object, second: number, retained = false): Response {
    const payload = typeof request === 'string' ? request : JSON.stringify(request);
    return this.#parts.requests.handle(command, Buffer.from(payload), retained, this.#at(second));
  }

  reload(config: object, second: number): void {
    this.#at(second);
    this.#config = alarmConfigSchema.parse(config);
    this.#parts.alarms.reload(this.#config, 'ab'.repeat(32));
  }

  replaceBundle(second: number): void {
    this.#at(second);
    this.#versions++;
    this.#parts.alarms.setBundle(0, this.#bundle());
  }

  /** `abrupt` as by kill -9: nothing is written any more. */
  restart(how: 'orderly' | 'abrupt', second: number): void {
    this.#at(second);
    if (how === 'orderly') this.#parts.publisher.leaving(this.#parts.alarms.snapshot());
    this.#parts.outbox.close();
    this.#parts = this.boot();
  }

  /** Lets out what waits, if the broker is there. */
  async flush(): Promise<void> {
    if (!this.connected) return;
    await this.#parts.outbox.pump(async (topic, payload, { retain }) => {
      this.sent.push({ topic, payload });
      if (retain && payload === '') this.retained.delete(topic);
      else if (retain) this.retained.set(topic, payload);
      else this.events.push(JSON.parse(payload) as EventMessage);
    });
  }

  end(): void {
    this.#parts.outbox.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #bundle() {
    return pumps(assets, { version: String(this.#versions) });
  }

  #at(second: number): number {
    this.#nowMs = startMs + second * 1000;
    return this.#nowMs;
  }
}
