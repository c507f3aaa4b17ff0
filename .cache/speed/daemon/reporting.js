/** From results to people: alarms, what is published of them, silence of assets, requests; with everything that must survive a restart. */
import { join } from 'node:path';
import { Alarms } from './alarm/alarms.js';
import { resolveSettings } from './alarm/settings.js';
import { AlarmCounts } from './alarm-counts.js';
import { Freshness } from './freshness.js';
import { Outbox } from './outbox.js';
import { Publisher, publishScores } from './publish.js';
import { Topics } from './publish-topics.js';
import { Requests } from './request.js';
import { AuditLog } from './request-audit.js';
export class Reporting {
    options;
    topics;
    outbox;
    alarms;
    counts;
    publisher;
    requests;
    freshness = this.newFreshness();
    config;
    plant;
    /** Assets whose data-stale alarm was open before we started. */
    staleBefore;
    /** Takes up what was kept in `stateDir`. @throws UserError when that can't be used */
    constructor(options) {
        this.options = options;
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
        this.staleBefore = new Set(stored.filter(({ type, state }) => type === 'data-stale' && state.open).map(({ asset }) => asset));
        this.requests = new Requests({
            handlers: { alarm: (command, nowMs) => this.alarms.command(command, nowMs) },
            audit: new AuditLog(join(config.stateDir, 'audit')),
        });
    }
    /** Assets that are silent. */
    get silent() {
        return this.freshness.silent;
    }
    /** Takes the lines of a plant, the first one or another after a reload; lines that stay keep their alarms' memory. */
    setPlant(plant, config, configHash) {
        const before = this.plant;
        this.plant = plant;
        if (before !== undefined)
            this.alarms.reload(config.alarms, configHash);
        this.config = config;
        for (const [index, line] of plant.lines.entries())
            if (before?.lines[index] !== line)
                this.alarms.setBundle(index, alarmBundle(line, () => this.assetsOf(line)));
        const silent = new Set(this.staleBefore);
        for (const { asset, type, state } of this.alarms.snapshot())
            if (type === 'data-stale' && state.open)
                silent.add(asset);
        this.freshness = this.newFreshness();
        if (this.options.isConnected())
            this.freshness.connected(this.options.clock.now());
        for (const [index, line] of plant.lines.entries())
            for (const [slot, asset] of plant.assets.names(index).entries())
                this.watch(index, slot, asset, line, silent.has(asset));
    }
    newAsset(bundle, slot, asset, line) {
        const stale = this.staleBefore.delete(asset);
        this.watch(bundle, slot, asset, line, stale);
        if (!stale)
            this.publisher.availability(asset, 'online');
        this.options.log.info({ asset, bundle: line.options.config.name }, 'new asset');
    }
    /** Hot: an asset spoke. */
    seen(bundle, slot, nowMs) {
        this.freshness.seen(bundle, slot, nowMs);
    }
    /** The arrays are only read before it returns. */
    results(line, batch) {
        const index = this.plant?.lines.indexOf(line) ?? -1;
        if (index < 0)
            return;
        this.alarms.results(index, batch, this.options.clock.now());
        if (this.config.publish.scores && this.options.isConnected())
            publishScores(batch, this.assetsOf(line), line.options.config.name, this.topics, (topic, payload) => {
                this.options.publish(topic, payload, { qos: 0, retain: false }).catch(() => {
                    // Scores are for those who listen now: one that could not be sent is gone.
                });
            });
    }
    /** A message below our own base: a request, or one of our retained alarms as the broker holds it. */
    message(topic, payload, retained) {
        const command = this.topics.commandOf(topic);
        if (command !== undefined)
            this.publisher.response(command, this.requests.handle(command, payload, retained, this.options.clock.now()));
        else if (retained)
            this.publisher.audit(topic, payload.toString(), (asset, type) => this.isShown(asset, type));
    }
    connected() {
        this.freshness.connected(this.options.clock.now());
        this.publisher.connected(this.alarms.retained(), this.alarms.snapshot());
        this.pump();
    }
    disconnected() {
        this.freshness.disconnected();
    }
    /** Once a second. */
    tick(nowMs) {
        this.alarms.tick(nowMs);
        this.freshness.tick(nowMs);
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
        const send = (topic, payload, { retain }) => this.options.publish(topic, payload, { qos: this.config.publish.qos, retain });
        void this.outbox.pump(send);
    }
    newFreshness() {
        return new Freshness({
            onChange: (bundle, slot, sinceMs, usualMs) => {
                const asset = this.plant?.assets.name(bundle, slot);
                if (asset === undefined)
                    return;
                this.publisher.availability(asset, sinceMs === null ? 'online' : 'offline');
                this.alarms.silent(bundle, slot, sinceMs, usualMs, this.options.clock.now());
            },
        });
    }
    watch(bundle, slot, asset, line, silent) {
        const { periodMs } = line.options.bundle.manifest;
        const { staleAfterMs } = resolveSettings(this.config.alarms, asset, line.options.config.name, periodMs);
        this.freshness.watch(bundle, slot, periodMs, staleAfterMs, silent);
    }
    assetsOf(line) {
        return this.plant?.assets.names(this.plant.lines.indexOf(line)) ?? [];
    }
    isShown(asset, type) {
        return this.alarms.retained().some((message) => message.asset === asset && message.type === type);
    }
}
/** `assets` is asked for each time: a reload puts another list in its place. */
function alarmBundle({ options: { bundle, config } }, assets) {
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
