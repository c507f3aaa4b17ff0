/** The composition root: config -> connection, plant, engine, reporting and HTTP port, wired together, reloaded and taken down again. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { UserError } from '../model/errors.js';
import { parseListen } from './config.js';
import { loadConfig } from './config-file.js';
import { Connection } from './connection.js';
import { healthFacts, readinessProblems, readState, vitalProblems } from './daemon-state.js';
import { Engine } from './engine.js';
import { healthIntervalMs, healthReport } from './health-report.js';
import { openHttp } from './http.js';
import { ingestCounters } from './ingest.js';
import { createMetrics } from './metrics.js';
import { Plant } from './plant.js';
import { Reporting } from './reporting.js';
import { Watchdog } from './watchdog.js';
/** How often frames that wait for readings are looked after. */
const tickMs = 250;
/** How often everything slower is. */
const slowTickMs = 1000;
/** What a stop waits for results under way, and then for the broker to take what we still have to say. */
const drainMs = 2000;
const leaveMs = 3000;
export class Daemon {
    options;
    counters = ingestCounters();
    engine;
    reporting;
    connection;
    /** Whether the config on disk is in force, and since when the one in force is. */
    reloaded;
    config;
    configHash;
    plant;
    startedMs;
    metrics;
    watchdog;
    timers = [];
    http;
    reloading = Promise.resolve();
    stopping = false;
    constructor(options) {
        this.options = options;
        const { config, clock, notifier, log } = options;
        this.config = config;
        this.configHash = hashOf(options.configFile);
        this.startedMs = clock.monotonic();
        this.reloaded = { ok: true, timeMs: clock.now() };
        this.engine = new Engine({
            worker: options.worker,
            clock,
            onRestart: (err) => log.error({ err }, 'the scoring thread died and was started again; all assets warm up anew'),
            onFatal: options.onFatal,
        });
        this.reporting = new Reporting({
            config,
            configHash: this.configHash,
            clock,
            log,
            publish: (topic, payload, how) => this.connection.publish(topic, payload, how),
            isConnected: () => this.connection.connected,
        });
        this.connection = new Connection(config, {
            topics: this.reporting.topics,
            log,
            notifier,
            onMessage: (topic, payload, retained) => this.plant?.message(topic, payload, retained),
            onOwnMessage: (topic, payload, retained) => this.reporting.message(topic, payload, retained),
            onReady: () => {
                this.reporting.connected();
                this.tellHealth();
            },
            onLost: () => this.reporting.disconnected(),
        });
        this.metrics = createMetrics(() => readState(this));
        this.watchdog = new Watchdog(notifier, clock, [
            { name: 'scoring thread', due: () => this.engine.asked, done: () => this.engine.answered },
        ]);
    }
    /** Everything in place and connecting; scores as soon as the broker is there. @throws UserError */
    static async start(options) {
        const daemon = new Daemon(options);
        try {
            await daemon.open();
        }
        catch (error) {
            await daemon.close();
            throw error;
        }
        return daemon;
    }
    /** Reads the config again; one that does not hold changes nothing, and the log says why. */
    reload() {
        this.reloading = this.reloading.then(() => this.tryReload());
        return this.reloading;
    }
    /** Finishes what is under way, says good-bye, and lets go of everything. */
    async stop() {
        if (this.stopping)
            return;
        this.stopping = true;
        const { log, notifier } = this.options;
        notifier.stopping('finishing what is under way');
        await this.reloading;
        const frames = await this.engine.drain(drainMs);
        if (frames > 0)
            log.warn({ frames }, 'stopped before all frames were scored');
        if (this.connection.connected)
            await this.reporting.leave(leaveMs);
        const messages = this.reporting.outbox.size;
        if (messages > 0)
            log.info({ messages }, 'the broker did not take everything; kept for the next start');
        await this.close();
        log.info('stopped');
    }
    async open() {
        const { config } = this;
        const { log, notifier, version, configFile } = this.options;
        log.info({ version, gateway: config.gateway, config: configFile }, 'anomalyd starts');
        this.http = await this.openHttp(config);
        this.setPlant(await this.openPlant(config));
        this.connection.start();
        this.timers.push(setInterval(() => this.plant?.tick(this.options.clock.now()), tickMs), setInterval(() => {
            this.engine.ping();
            this.reporting.tick(this.options.clock.now());
        }, slowTickMs), setInterval(() => this.tellHealth(), healthIntervalMs));
        this.watchdog.start();
        notifier.ready(`connecting to ${config.broker.url}`);
    }
    async close() {
        this.watchdog.stop();
        for (const timer of this.timers)
            clearInterval(timer);
        await this.connection.close(500);
        await this.engine.stop();
        await this.http?.close();
        this.reporting.close();
    }
    async tryReload() {
        if (this.stopping)
            return;
        const { log, notifier, configFile, clock } = this.options;
        notifier.reloading();
        try {
            await this.swap(loadConfig(configFile), hashOf(configFile));
            this.reloaded.ok = true;
            this.reloaded.timeMs = clock.now();
            log.info({ config: configFile }, 'config reloaded');
            notifier.ready('config reloaded');
        }
        catch (error) {
            if (!(error instanceof UserError))
                throw error;
            this.reloaded.ok = false;
            log.error(`config not reloaded, the old one stays in force: ${error.message}`);
            notifier.ready('the config on disk is wrong, the old one stays in force');
        }
    }
    /** All that can fail comes first; what follows can't. */
    async swap(config, configHash) {
        checkFixed(this.config, config, this.options.configFile);
        const connect = this.connection.prepare(config);
        const sameListen = this.config.metrics.listen === config.metrics.listen;
        const http = sameListen ? this.http : await this.openHttp(config);
        const plant = await this.openPlant(config, this.plant).catch(async (error) => {
            if (!sameListen)
                await http?.close();
            throw error;
        });
        const { plant: oldPlant, http: oldHttp } = this;
        this.config = config;
        this.configHash = configHash;
        this.http = http;
        this.options.log.level = config.log.level;
        this.setPlant(plant);
        oldPlant?.close(plant);
        if (!sameListen)
            await oldHttp?.close();
        await connect();
    }
    setPlant(plant) {
        this.plant = plant;
        this.reporting.setPlant(plant, this.config, this.configHash);
    }
    tellHealth() {
        const { clock } = this.options;
        const facts = healthFacts(this, (clock.monotonic() - this.startedMs) / 1000);
        this.reporting.publisher.health(healthReport(facts, clock.now()));
    }
    openPlant(config, before) {
        const { reporting, engine, counters } = this;
        const options = {
            config,
            engine,
            counters,
            clock: this.options.clock,
            onResults: reporting.results.bind(reporting),
            onNewAsset: reporting.newAsset.bind(reporting),
            onSeen: reporting.seen.bind(reporting),
        };
        return Plant.open(options, before);
    }
    async openHttp(config) {
        const listen = parseListen(config.metrics.listen);
        if (listen === undefined)
            return undefined;
        return openHttp({
            ...listen,
            metrics: this.metrics,
            health: () => ({ problems: vitalProblems(this) }),
            readiness: () => ({ problems: readinessProblems(this) }),
        });
    }
}
/** What only a restart can change: others know us by it, or our memory lies there. */
function checkFixed(before, after, file) {
    const fixed = [
        ['gateway', before.gateway, after.gateway],
        ['publish.base', before.publish.base, after.publish.base],
        ['stateDir', before.stateDir, after.stateDir],
    ];
    for (const [key, was, is] of fixed)
        if (was !== is)
            throw new UserError('A reload can not change this.', { file, key }, 'Restart anomalyd to change it.');
}
function hashOf(file) {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
}
