/** From results to people: alarms, what is published of them, silence of assets, requests; with everything that must survive a restart. */
import type { Clock } from '../model/clock.js';
import type { ResultBatch } from '../model/frames.js';
import { levelOf } from '../model/level.js';
import { Alarms } from './alarm/alarms.js';
import type { AlarmState, AlarmType } from './alarm/state.js';
import { AlarmCounts } from './alarm-counts.js';
import { Baselines } from './baseline.js';
import type { Config } from './config.js';
import { InputWatch } from './input-watch.js';
import type { Line } from './line.js';
import type { Log } from './log.js';
import type { Outbox, Publish } from './outbox.js';
import type { Plant } from './plant.js';
import { Presence } from './presence.js';
import { Publisher, publishScores } from './publish.js';
import { Topics } from './publish-topics.js';
import { postJson, Relays } from './relays.js';
import { Requests } from './request.js';
import { type SessionMemory, sessionMemory } from './session.js';
import { openAudit, openOutbox } from './state-folder.js';

export interface ReportingOptions {
  readonly config: Config;
  readonly configHash: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** The broker, as far as it is there: rejects while not connected. */
  readonly publish: (topic: string, payload: string, options: { qos: 0 | 1; retain: boolean }) => Promise<void>;
  readonly isConnected: () => boolean;
  readonly resubscribe: () => void;
  /** By index in `readingRejections`. */
  readonly rejected: Float64Array;
}

/** New assets of one second that the log names one by one. */
const mostLines = 5;

export class Reporting {
  readonly topics: Topics;
  readonly outbox: Outbox;
  readonly alarms: Alarms;
  readonly baselines: Baselines;
  readonly counts: AlarmCounts;
  readonly publisher: Publisher;
  readonly presence: Presence;
  readonly inputs: InputWatch;
  readonly relays: Relays;
  readonly session: SessionMemory;
  private readonly requests: Requests;
  private config: Config;
  private plant: Plant | undefined;
  /** Assets that the log has not told of. */
  private readonly fresh: { readonly asset: string; readonly bundle: string }[] = [];

  /** Takes up what was kept in `stateDir`. @throws UserError when that can't be used */
  constructor(private readonly options: ReportingOptions) {
    const { config, configHash, clock, log, version, rejected, isConnected, resubscribe } = options;
    const { gateway } = config;
    this.config = config;
    this.topics = new Topics(config.publish.base);
    this.outbox = openOutbox(config.stateDir, log);
    const { topics, outbox } = this;
    const { memos } = outbox;
    const publisher = new Publisher({
      topics,
      outbox,
      format: () => this.config.publish.format,
      onQueued: () => this.pump(),
    });
    const put: Publisher['put'] = (messages, kept) => publisher.put(messages, kept);
    this.publisher = publisher;
    this.session = sessionMemory(memos, put);
    this.relays = new Relays({ topics, gateway, version, memos, put, log, post: postJson });
    this.alarms = new Alarms({
      gateway,
      config: config.alarms,
      configHash,
      onChange: (change) => {
        this.counts.note(change);
        publisher.alarm(change);
        this.relays.alarm(change);
        const { asset, type, state } = change.stored;
        this.tellBaselines(asset, type, state);
      },
    });
    const { alarms } = this;
    this.counts = new AlarmCounts(alarms);
    alarms.restore(publisher.storedAlarms());
    this.baselines = new Baselines({
      memos,
      keep: (key, value) => publisher.put([], { [key]: value }),
      alarms: (asset) => alarms.standing(asset),
    });
    for (const { asset, type, state } of alarms.snapshot()) this.tellBaselines(asset, type, state);
    this.presence = new Presence({ clock, alarms, publisher, memos, isConnected });
    this.inputs = new InputWatch({ log, rejected, resubscribe });
    this.requests = new Requests({
      handlers: {
        alarm: (command, nowMs) => alarms.command(command, nowMs),
        rebaseline: ({ asset, undo }) => this.baselines.rebaseline(asset, undo),
        remove: (asset) => this.remove(asset),
      },
      audit: openAudit(config.stateDir, log),
    });
  }

  /** Takes the lines of a plant, the first one or another after a reload; lines that stay keep their alarms' memory. */
  setPlant(plant: Plant, config: Config, configHash: string): void {
    const before = this.plant;
    this.plant = plant;
    if (before !== undefined) this.alarms.reload(config.alarms, configHash);
    this.config = config;
    for (const [index, line] of plant.lines.entries())
      if (before?.lines[index] !== line) {
        this.alarms.setBundle(index, this.alarmBundle(line));
        this.baselines.setBundle(index, this.baselineBundle(line));
      }
    this.inputs.setInputs(
      config.inputs.map(({ topic }) => topic),
      this.options.clock.now(),
    );
    this.presence.setPlant(plant, config);
    const assets = plant.lines.flatMap((line) => this.assetsOf(line));
    this.relays.configure(config.publish, this.alarms.retained(), assets);
  }

  newAsset(bundle: number, slot: number, asset: string, line: Line): void {
    if (!this.presence.newAsset(bundle, slot, asset, line)) return;
    this.relays.newAsset(asset);
    this.fresh.push({ asset, bundle: line.options.config.name });
  }

  /** An asset is left out. */
  full(asset: string, { options: { config } }: Line): void {
    this.options.log.warn(
      { asset, bundle: config.name, maxAssets: config.maxAssets },
      'this asset and all further ones are not watched: the bundle has taken up as many as `maxAssets` allows; raise it, or name fewer in `inputs`',
    );
  }

  /** Hot: an asset spoke. */
  seen(bundle: number, slot: number, nowMs: number): void {
    if (this.presence.seen(bundle, slot, nowMs)) return;
    const line = this.plant?.lines[bundle];
    const asset = this.plant?.assets.name(bundle, slot);
    if (line !== undefined && asset !== undefined) this.newAsset(bundle, slot, asset, line);
  }

  /** Severities are put in units of the alarm level of their asset, in place. The arrays are only used before it returns. */
  results(line: Line, batch: ResultBatch): void {
    const index = this.plant?.lines.indexOf(line) ?? -1;
    if (index < 0) return;
    this.baselines.results(index, batch);
    this.alarms.results(index, batch, this.options.clock.now());
    if (this.config.publish.scores && this.options.isConnected())
      publishScores(
        batch,
        this.assetsOf(line),
        line.options.config.name,
        line.options.bundle.manifest,
        this.topics,
        (topic, payload) => {
          this.options.publish(topic, payload, { qos: 0, retain: false }).catch(() => {
            // Scores are for those who listen now: one that could not be sent is gone.
          });
        },
      );
  }

  /** Topics of others that we must hear. */
  listenTo({ publish: { homeAssistant } }: Config): string[] {
    return homeAssistant.discovery ? [`${homeAssistant.prefix}/status`] : [];
  }

  /** A message below our own base, a request or one of our retained alarms as the broker holds it; or one of `listenTo`. */
  message(topic: string, payload: Buffer, retained: boolean): void {
    if (this.relays.message(topic, payload)) return;
    const command = this.topics.commandOf(topic);
    if (command !== undefined)
      this.publisher.response(command, this.requests.handle(command, payload, retained, this.options.clock.now()));
    else if (retained) this.publisher.audit(topic, payload.toString(), (asset, type) => this.isShown(asset, type));
  }

  connected(): void {
    const nowMs = this.options.clock.now();
    this.presence.connected(nowMs);
    this.inputs.connected(nowMs);
    this.publisher.connected(this.alarms.retained(), this.alarms.snapshot());
    this.relays.connected();
    this.pump();
  }

  disconnected(): void {
    this.presence.disconnected();
    this.inputs.disconnected();
  }

  /** Once a second. */
  tick(nowMs: number): void {
    this.tellNewAssets();
    this.alarms.tick(nowMs);
    this.presence.tick(nowMs);
    this.inputs.tick(nowMs);
    this.relays.tick(nowMs);
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
    this.tellNewAssets();
    this.outbox.close();
  }

  /** A plant that speaks for the first time shall not fill the log: a line costs more than all else that a new asset does. */
  private tellNewAssets(): void {
    const fresh = this.fresh.splice(0);
    if (fresh.length <= mostLines) for (const one of fresh) this.options.log.info(one, 'new asset');
    else
      this.options.log.info(
        { assets: fresh.length, first: fresh.slice(0, mostLines).map(({ asset }) => asset) },
        'new assets',
      );
  }

  private pump(): void {
    if (!this.options.isConnected()) return;
    const send: Publish = (topic, payload, how) => this.options.publish(topic, payload, how);
    void this.outbox.pump(send);
  }

  private remove(asset: string): string | undefined {
    const refusal = this.presence.remove(asset);
    if (refusal !== undefined) return refusal;
    this.relays.removeAsset(asset, this.options.clock.now());
    this.options.log.info({ asset }, 'asset removed');
    return undefined;
  }

  private assetsOf(line: Line): readonly string[] {
    const index = this.plant?.lines.indexOf(line) ?? -1;
    return index < 0 ? [] : (this.plant?.assets.names(index) ?? []);
  }

  private isShown(asset: string, type: string): boolean {
    return this.alarms.retained().some((message) => message.asset === asset && message.type === type);
  }

  private alarmBundle(line: Line) {
    const { bundle, config } = line.options;
    const { version, channels, periodMs, persistence, modes, classifier } = bundle.manifest;
    const lookbackMs = persistence.of * periodMs;
    const facts = {
      name: config.name,
      version,
      hash: bundle.hash,
      channels,
      periodMs,
      lookbackMs,
      modes,
      classes: classifier?.classes,
    };
    return this.withAssets(line, facts);
  }

  private tellBaselines(asset: string, type: AlarmType, state: AlarmState): void {
    if (type === 'machine-anomaly') this.baselines.changed(asset, state);
    if (type === 'sensor-fault') this.baselines.sensorFault(asset, state.condition === 'active');
  }

  private baselineBundle(line: Line) {
    const { bundle, config } = line.options;
    const { periodMs, falseAlarmsPerAssetWeek } = bundle.manifest;
    const budget = config.falseAlarmsPerAssetWeek ?? falseAlarmsPerAssetWeek;
    const level = levelOf(bundle.manifest, budget);
    const { name, levelDrift } = config;
    return this.withAssets(line, { name, hash: bundle.hash, periodMs, budget, level, levelDrift });
  }

  /** Assets are asked for each time: a reload puts another list in its place. */
  private withAssets<T extends object>(line: Line, facts: T): T & { readonly assets: readonly string[] } {
    const assets = () => this.assetsOf(line);
    return {
      ...facts,
      get assets() {
        return assets();
      },
    };
  }
}
