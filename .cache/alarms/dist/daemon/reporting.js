/** From results to people: alarms, what is published of them, silence of assets, requests; with everything that must survive a restart. */
import { join } from 'node:path';
import { alarmLevel } from '../model/peaks.js';
import { Alarms } from './alarm/alarms.js';
import { AlarmCounts } from './alarm-counts.js';
import { Baselines } from './baseline.js';
import { InputWatch } from './input-watch.js';
import { Outbox } from './outbox.js';
import { Presence } from './presence.js';
import { Publisher, publishScores } from './publish.js';
import { Topics } from './publish-topics.js';
import { postJson, Relays } from './relays.js';
import { Requests } from './request.js';
import { AuditLog } from './request-audit.js';
export class Reporting {
    options;
    topics;
    outbox;
    alarms;
    baselines;
    counts;
    publisher;
    presence;
    inputs;
    relays;
    requests;
    config;
    plant;
    /** Takes up what was kept in `stateDir`. @throws UserError when that can't be used */
    constructor(options) {
        this.options = options;
        const { config, configHash, clock, log, version, isConnected, resubscribe } = options;
        const { gateway } = config;
        this.config = config;
        this.topics = new Topics(config.publish.base);
        this.outbox = Outbox.open(join(config.stateDir, 'outbox'));
        const { topics, outbox } = this;
        const { memos } = outbox;
        const publisher = new Publisher({
            topics,
            outbox,
            format: () => this.config.publish.format,
            onQueued: () => this.pump(),
        });
        const put = (messages, kept) => publisher.put(messages, kept);
        this.publisher = publisher;
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
                if (type === 'machine-anomaly')
                    this.baselines.changed(asset, state);
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
        for (const { asset, type, state } of alarms.snapshot())
            if (type === 'machine-anomaly')
                this.baselines.changed(asset, state);
        this.presence = new Presence({ clock, alarms, publisher, memos, isConnected });
        this.inputs = new InputWatch({ log, resubscribe });
        this.requests = new Requests({
            handlers: {
                alarm: (command, nowMs) => alarms.command(command, nowMs),
                rebaseline: ({ asset, undo }) => this.baselines.rebaseline(asset, undo),
                remove: (asset) => this.remove(asset),
            },
            audit: new AuditLog(join(config.stateDir, 'audit')),
        });
    }
    /** Takes the lines of a plant, the first one or another after a reload; lines that stay keep their alarms' memory. */
    setPlant(plant, config, configHash) {
        const before = this.plant;
        this.plant = plant;
        if (before !== undefined)
            this.alarms.reload(config.alarms, configHash);
        this.config = config;
        for (const [index, line] of plant.lines.entries())
            if (before?.lines[index] !== line) {
                this.alarms.setBundle(index, this.alarmBundle(line));
                this.baselines.setBundle(index, this.baselineBundle(line));
            }
        this.inputs.setInputs(config.inputs.map(({ topic }) => topic), this.options.clock.now());
        this.presence.setPlant(plant, config);
        const assets = plant.lines.flatMap((line) => this.assetsOf(line));
        this.relays.configure(config.publish, this.alarms.retained(), assets);
    }
    newAsset(bundle, slot, asset, line) {
        if (!this.presence.newAsset(bundle, slot, asset, line))
            return;
        this.relays.newAsset(asset);
        this.options.log.info({ asset, bundle: line.options.config.name }, 'new asset');
    }
    /** Hot: an asset spoke. */
    seen(bundle, slot, nowMs) {
        if (this.presence.seen(bundle, slot, nowMs))
            return;
        const line = this.plant?.lines[bundle];
        const asset = this.plant?.assets.name(bundle, slot);
        if (line !== undefined && asset !== undefined)
            this.newAsset(bundle, slot, asset, line);
    }
    /** Severities are put in units of the alarm level of their asset, in place. The arrays are only used before it returns. */
    results(line, batch) {
        const index = this.plant?.lines.indexOf(line) ?? -1;
        if (index < 0)
            return;
        this.baselines.results(index, batch);
        this.alarms.results(index, batch, this.options.clock.now());
        if (this.config.publish.scores && this.options.isConnected())
            publishScores(batch, this.assetsOf(line), line.options.config.name, this.topics, (topic, payload) => {
                this.options.publish(topic, payload, { qos: 0, retain: false }).catch(() => {
                    // Scores are for those who listen now: one that could not be sent is gone.
                });
            });
    }
    /** Topics of others that we must hear. */
    listenTo({ publish: { homeAssistant } }) {
        return homeAssistant.discovery ? [`${homeAssistant.prefix}/status`] : [];
    }
    /** A message below our own base, a request or one of our retained alarms as the broker holds it; or one of `listenTo`. */
    message(topic, payload, retained) {
        if (this.relays.message(topic, payload))
            return;
        const command = this.topics.commandOf(topic);
        if (command !== undefined)
            this.publisher.response(command, this.requests.handle(command, payload, retained, this.options.clock.now()));
        else if (retained)
            this.publisher.audit(topic, payload.toString(), (asset, type) => this.isShown(asset, type));
    }
    connected() {
        const nowMs = this.options.clock.now();
        this.presence.connected(nowMs);
        this.inputs.connected(nowMs);
        this.publisher.connected(this.alarms.retained(), this.alarms.snapshot());
        this.relays.connected();
        this.pump();
    }
    disconnected() {
        this.presence.disconnected();
        this.inputs.disconnected();
    }
    /** Once a second. */
    tick(nowMs) {
        this.alarms.tick(nowMs);
        this.presence.tick(nowMs);
        this.inputs.tick(nowMs);
        this.relays.tick(nowMs);
        if (this.outbox.size > 0)
            this.pump();
    }
    /** Says good-bye and waits until the broker has all, at most `patienceMs`. */
    async leave(patienceMs) {
        this.publisher.leaving(this.alarms.snapshot());
        const deadline = this.options.clock.monotonic() + patienceMs;
        while (this.outbox.size > 0 && this.options.isConnected() && this.options.clock.monotonic() < deadline) {
            this.pump();
            await new Promise((resolve) => setTimeout(resolve, 10));
        }
    }
    close() {
        this.outbox.close();
    }
    pump() {
        if (!this.options.isConnected())
            return;
        const send = (topic, payload, how) => this.options.publish(topic, payload, how);
        void this.outbox.pump(send);
    }
    remove(asset) {
        const refusal = this.presence.remove(asset);
        if (refusal !== undefined)
            return refusal;
        this.relays.removeAsset(asset, this.options.clock.now());
        this.options.log.info({ asset }, 'asset removed');
        return undefined;
    }
    assetsOf(line) {
        const index = this.plant?.lines.indexOf(line) ?? -1;
        return index < 0 ? [] : (this.plant?.assets.names(index) ?? []);
    }
    isShown(asset, type) {
        return this.alarms.retained().some((message) => message.asset === asset && message.type === type);
    }
    alarmBundle(line) {
        const { bundle, config } = line.options;
        const { version, channels, periodMs, persistence } = bundle.manifest;
        const lookbackMs = persistence.of * periodMs;
        return this.withAssets(line, { name: config.name, version, hash: bundle.hash, channels, periodMs, lookbackMs });
    }
    baselineBundle(line) {
        const { bundle, config } = line.options;
        const { periodMs, alarm, falseAlarmsPerAssetWeek } = bundle.manifest;
        const budget = config.falseAlarmsPerAssetWeek ?? falseAlarmsPerAssetWeek;
        const level = alarmLevel(alarm, budget);
        return this.withAssets(line, { name: config.name, hash: bundle.hash, periodMs, budget, level });
    }
    /** Assets are asked for each time: a reload puts another list in its place. */
    withAssets(line, facts) {
        const assets = () => this.assetsOf(line);
        return {
            ...facts,
            get assets() {
                return assets();
            },
        };
    }
}
//# sourceMappingURL=reporting.js.map