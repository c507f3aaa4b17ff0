/** From results to people: alarms, what is published of them, silence of assets, requests; with everything that must survive a restart. */
import { join } from 'node:path';
import type { Clock } from '../model/clock.js';
import type { ResultBatch } from '../model/frames.js';
import { Alarms } from './alarm/alarms.js';
import { resolveSettings } from './alarm/settings.js';
import { AlarmCounts } from './alarm-counts.js';
import type { Assets } from './assets.js';
import type { Config } from './config.js';
import { Freshness } from './freshness.js';
import type { Line } from './line.js';
import type { Log } from './log.js';
import { Outbox, type Publish } from './outbox.js';
import type { Plant } from './plant.js';
import { Publisher, publishScores } from './publish.js';
import { Topics } from './publish-topics.js';
import { Requests } from './request.js';
import { AuditLog } from './request-audit.js';

export interface ReportingOptions {
  readonly config: Config;
  readonly configHash: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The broker, as far as it is there: rejects while not connected. */
  readonly publish: (topic: string, payload: string, options: { qos: 0 | 1 | 2; retain: boolean }) => Promise<void>;
  readonly isConnected: () => boolean;
}

export class Reporting {
  readonly topics: Topics;
  readonly outbox: Outbox;
  readonly alarms: Alarms;
  readonly counts: AlarmCounts;
  readonly publisher: Publisher;
  private readonly requests: Requests;
  private freshness = this.newFreshness();
  private config: Config;
  private plant: Plant | undefined;
  /** Assets whose data-stale alarm was open before we started. */
  private readonly staleBefore: Set<string>;

  /** Takes up what was kept in `stateDir`. @throws UserError when that can't be used */
  constructor(private readonly options: ReportingOptions) {
    const { config, configHash } = options;
    this.config = config;
    this.topics = new Topics(config.publish.base);
    this.outbox = Outbox.open(join(config.stateDir, 'outbox'));
    this.publisher = new Publisher({ topics: this.topics, outbox: this.outbox, onQueued: () => this.pump() });
    this.alarms = new Alarms({
      gateway: config.gateway,
      config: config.alarms,
      configHash,
      onChange: (change) => {
        this.counts.note(change);
        this.publisher.alarm(change);
      },
    });
    this.counts = new AlarmCounts(this.alarms);
    const stored = this.publisher.storedAlarms();
    this.alarms.restore(stored);
    this.staleBefore = new Set(
      stored.filter(({ type, state }) => type === 'data-stale' && state.open).map(({ asset }) => asset),
    );
    this.requests = new Requests({
      handlers: { alarm: (command, nowMs) => this.alarms.command(command, nowMs) },
      audit: new AuditLog(join(config.stateDir, 'audit')),
    });
  }

  /** Assets that are silent. */
  get silent(): number {
    return this.freshness.silent;
  }

  /** Takes the lines of a plant, the first one or another after a reload; lines that stay keep their alarms' memory. */
  setPlant(plant: Plant, config: Config, configHash: string): void {
    const before = this.plant;
    this.plant = plant;
    if (before !== undefined) this.alarms.reload(config.alarms, configHash);
    this.config = config;
    for (const [index, line] of plant.lines.entries())
      if (before?.lines[index] !== line)
        this.alarms.setBundle(
          index,
          alarmBundle(line, () => this.assetsOf(line)),
        );
    const silent = new Set(this.staleBefore);
    for (const { asset, type, state } of this.alarms.snapshot())
      if (type === 'data-stale' && state.open) silent.add(asset);
    this.freshness = this.newFreshness();
    if (this.options.isConnected()) this.freshness.connected(this.options.clock.now());
    for (const [index, line] of plant.lines.entries())
      for (const [slot, asset] of plant.assets.names(index).entries())
        this.watch(index, slot, asset, line, silent.has(asset));
  }

  newAsset(bundle: number, slot: number, asset: string, line: Line): void {
    const stale = this.staleBefore.delete(asset);
    this.watch(bundle, slot, asset, line, stale);
    if (!stale) this.publisher.availability(asset, 'online');
    this.options.log.info({ asset, bundle: line.options.config.name }, 'new asset');
  }

  /** Hot: an asset spoke. */
  seen(bundle: number, slot: number, nowMs: number): void {
    this.freshness.seen(bundle, slot, nowMs);
  }

  /** The arrays are only read before it returns. */
  results(line: Line, batch: ResultBatch): void {
    const index = this.plant?.lines.indexOf(line) ?? -1;
    if (index < 0) return;
    this.alarms.results(index, batch, this.options.clock.now());
    if (this.config.publish.scores && this.options.isConnected())
      publishScores(batch, this.assetsOf(line), line.options.config.name, this.topics, (topic, payload) => {
        this.options.publish(topic, payload, { qos: 0, retain: false }).catch(() => {
          // Scores are for those who listen now: one that could not be sent is gone.
        });
      });
  }

  /** A message below our own base: a request, or one of our retained alarms as the broker holds it. */
  message(topic: string, payload: Buffer, retained: boolean): void {
    const command = this.topics.commandOf(topic);
    if (command !== undefined)
      this.publisher.response(command, this.requests.handle(command, payload, retained, this.options.clock.now()));
    else if (retained) this.publisher.audit(topic, payload.toString(), (asset, type) => this.isShown(asset, type));
  }

  connected(): void {
    this.freshness.connected(this.options.clock.now());
    this.publisher.connected(this.alarms.retained(), this.alarms.snapshot());
    this.pump();
  }

  disconnected(): void {
    this.freshness.disconnected();
  }

  /** Once a second. */
  tick(nowMs: number): void {
    this.alarms.tick(nowMs);
    this.freshness.tick(nowMs);
    if (this.outbox.size > 0) this.pump();
  }

  /** Says good-bye and waits until the broker has all, at most `patienceMs`. */
  async leave(patienceMs: number): Promise<void> {
    this.publisher.leaving(this.alarms.snapshot());
    const deadline = this.options.clock.monotonic() + patienceMs;
    while (this.outbox.size > 0 && this.options.isConnected() && this.options.clock.monotonic() < deadline) {
      this.pump();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  close(): void {
    this.outbox.close();
  }

  private pump(): void {
    if (!this.options.isConnected()) return;
    const send: Publish = (topic, payload, { retain }) =>
      this.options.publish(topic, payload, { qos: this.config.publish.qos, retain });
    void this.outbox.pump(send);
  }

  private newFreshness(): Freshness {
    return new Freshness({
      onChange: (bundle, slot, sinceMs, usualMs) => {
        const asset = this.plant?.assets.name(bundle, slot);
        if (asset === undefined) return;
        this.publisher.availability(asset, sinceMs === null ? 'online' : 'offline');
        this.alarms.silent(bundle, slot, sinceMs, usualMs, this.options.clock.now());
      },
    });
  }

  private watch(bundle: number, slot: number, asset: string, line: Line, silent: boolean): void {
    const { periodMs } = line.options.bundle.manifest;
    const { staleAfterMs } = resolveSettings(this.config.alarms, asset, line.options.config.name, periodMs);
    this.freshness.watch(bundle, slot, periodMs, staleAfterMs, silent);
  }

  private assetsOf(line: Line): ReturnType<Assets['names']> {
    return this.plant?.assets.names(this.plant.lines.indexOf(line)) ?? [];
  }

  private isShown(asset: string, type: string): boolean {
    return this.alarms.retained().some((message) => message.asset === asset && message.type === type);
  }
}

/** `assets` is asked for each time: a reload puts another list in its place. */
function alarmBundle({ options: { bundle, config } }: Line, assets: () => readonly string[]) {
  const { version, channels, periodMs, persistence } = bundle.manifest;
  return {
    name: config.name,
    version,
    hash: bundle.hash,
    channels,
    periodMs,
    lookbackMs: persistence.of * periodMs,
    get assets() {
      return assets();
    },
  };
}
