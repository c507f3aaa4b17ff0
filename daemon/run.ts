/** The composition root: config -> connection, plant, engine, reporting and HTTP port, wired together, reloaded and taken down again. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Clock } from '../model/clock.js';
import { UserError } from '../model/errors.js';
import type { Config } from './config.js';
import { checkFixed, loadConfig } from './config-file.js';
import { Connection } from './connection.js';
import { healthFacts, readinessProblems, readState, statusFacts, vitalProblems } from './daemon-state.js';
import { Embedded } from './embedded.js';
import { Engine } from './engine.js';
import { healthIntervalMs, healthReport } from './health-report.js';
import { type HttpPort, openHttp } from './http.js';
import { ingestCounters } from './ingest.js';
import { parseListen } from './listen.js';
import type { Log } from './log.js';
import { LoopDelay } from './loop-delay.js';
import { createMetrics, type Metrics } from './metrics.js';
import type { Notifier } from './notify.js';
import { Plant } from './plant.js';
import { Reporting } from './reporting.js';
import { stagesOf } from './stages.js';
import { lockState, type StateLock } from './state-lock.js';
import { StatusLine } from './status-line.js';
import { Watchdog } from './watchdog.js';

export interface DaemonOptions {
  readonly configFile: string;
  /** As `configFile` says. */
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly notifier: Notifier;
  /** The compiled `worker.js`. */
  readonly worker: URL;
  /** The compiled `embedded-thread.js`. */
  readonly brokerThread: URL;
  readonly version: string;
  /** Something is broken for good: the process should end. */
  readonly onFatal: (error: Error) => void;
}

/** How often frames that wait for readings are looked after. */
const tickMs = 250;
/** How often everything slower is. */
const slowTickMs = 1000;
/** How often systemd is told what we do. */
const statusMs = 5000;
/** What a stop waits for results under way, and then for the broker to take what we still have to say. */
const drainMs = 2000;
const leaveMs = 3000;

export class Daemon {
  readonly counters = ingestCounters();
  readonly engine: Engine;
  readonly reporting: Reporting;
  readonly connection: Connection;
  readonly embedded: Embedded;
  /** Whether the config on disk is in force, and since when the one in force is. */
  readonly reloaded: { ok: boolean; timeMs: number };
  config: Config;
  configHash: string;
  plant: Plant | undefined;
  readonly loopDelay: LoopDelay;
  private readonly startedMs: number;
  private readonly metrics: Metrics;
  readonly watchdog: Watchdog;
  private readonly status: StatusLine;
  private readonly timers: NodeJS.Timeout[] = [];
  private http: HttpPort | undefined;
  private reloading: Promise<void> = Promise.resolve();
  private stopping = false;

  private constructor(
    readonly options: DaemonOptions,
    private readonly lock: StateLock,
  ) {
    const { config, clock, notifier, log } = options;
    this.config = config;
    this.configHash = hashOf(options.configFile);
    this.startedMs = clock.monotonic();
    this.loopDelay = new LoopDelay(clock, tickMs);
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
      version: options.version,
      publish: (topic, payload, how) => this.connection.publish(topic, payload, how),
      isConnected: () => this.connection.connected,
      resubscribe: () => this.connection.resubscribe(),
      rejected: this.counters.rejected,
    });
    this.embedded = new Embedded({
      thread: options.brokerThread,
      log,
      onMessage: (topic, payload) => this.plant?.message(topic, payload, false),
      onFatal: options.onFatal,
    });
    this.connection = new Connection(config, {
      topics: this.reporting.topics,
      log,
      onMessage: (topic, payload, retained) => this.plant?.message(topic, payload, retained),
      onOwnMessage: (topic, payload, retained) => this.reporting.message(topic, payload, retained),
      listenTo: (config) => this.reporting.listenTo(config),
      session: this.reporting.session,
      connectEmbedded: this.embedded.connect,
      patience: { clock, mostMs: () => this.plant?.patienceMs ?? 0 },
      onReady: () => {
        this.reporting.connected();
        this.tellHealth();
        this.status.tell();
      },
      onLost: () => {
        this.reporting.disconnected();
        this.status.tell();
      },
      onTrouble: () => this.status.tell(),
    });
    this.metrics = createMetrics(() => readState(this));
    this.status = new StatusLine(notifier, clock, () => statusFacts(this));
    this.watchdog = new Watchdog(notifier, clock, stagesOf(this), (stage, forMs) => {
      if (stage !== '')
        log.fatal(
          { stage, forMs: Math.round(forMs) },
          'has work and finishes none; a service manager that watches will start us again',
        );
      this.status.tell();
    });
  }

  /** Everything in place and connecting; scores as soon as the broker is there. @throws UserError */
  static async start(options: DaemonOptions): Promise<Daemon> {
    const daemon = new Daemon(options, await lockState(options.config.stateDir));
    try {
      await daemon.open();
    } catch (error) {
      await daemon.close();
      throw error;
    }
    return daemon;
  }

  /** Reads the config again; one that does not hold changes nothing, and the log says why. */
  reload(): Promise<void> {
    this.reloading = this.reloading.then(() => this.tryReload());
    return this.reloading;
  }

  /** Finishes what is under way, says good-bye, and lets go of everything. */
  async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    const { log, notifier } = this.options;
    notifier.stopping('finishing what is under way');
    await this.reloading;
    const frames = await this.engine.drain(drainMs);
    if (frames > 0) log.warn({ frames }, 'stopped before all frames were scored');
    if (this.connection.connected) await this.reporting.leave(leaveMs);
    const messages = this.reporting.outbox.size;
    if (messages > 0) log.info({ messages }, 'the broker did not take everything; kept for the next start');
    await this.close();
    log.info('stopped');
  }

  private async open(): Promise<void> {
    const { config } = this;
    const { log, notifier, version, configFile } = this.options;
    log.info({ version, gateway: config.gateway, config: configFile }, 'anomalyd starts');
    this.http = await this.openHttp(config);
    this.setPlant(await this.openPlant(config));
    await this.embedded.configure(config);
    this.connection.start();
    this.timers.push(
      setInterval(() => {
        this.loopDelay.tick();
        this.plant?.tick(this.options.clock.now());
      }, tickMs),
      setInterval(() => {
        this.engine.ping();
        this.reporting.tick(this.options.clock.now());
      }, slowTickMs),
      setInterval(() => this.status.tell(), statusMs),
      setInterval(() => this.tellHealth(), healthIntervalMs),
    );
    this.watchdog.start();
    notifier.ready(this.status.line());
  }

  private async close(): Promise<void> {
    this.watchdog.stop();
    for (const timer of this.timers) clearInterval(timer);
    await this.connection.close(500);
    await this.embedded.stop();
    await this.engine.stop();
    await this.http?.close();
    this.reporting.close();
    await this.lock.release();
  }

  private async tryReload(): Promise<void> {
    if (this.stopping) return;
    const { log, notifier, configFile, clock } = this.options;
    notifier.reloading();
    try {
      await this.swap(loadConfig(configFile), hashOf(configFile));
      this.reloaded.ok = true;
      this.reloaded.timeMs = clock.now();
      log.info({ config: configFile }, 'config reloaded');
      notifier.ready(this.status.line());
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.reloaded.ok = false;
      log.error(`config not reloaded, the old one stays in force: ${error.message}`);
      notifier.ready(this.status.line());
    }
  }

  /** All that can fail comes first; what follows can't. */
  private async swap(config: Config, configHash: string): Promise<void> {
    checkFixed(this.config, config, this.options.configFile);
    const connect = this.connection.prepare(config);
    const sameListen = this.config.metrics.listen === config.metrics.listen;
    const http = sameListen ? this.http : await this.openHttp(config);
    let plant: Plant | undefined;
    try {
      plant = await this.openPlant(config, this.plant);
      await this.embedded.configure(config);
    } catch (error) {
      if (this.plant !== undefined) plant?.close(this.plant);
      if (!sameListen) await http?.close();
      throw error;
    }
    const { plant: oldPlant, http: oldHttp } = this;
    this.config = config;
    this.configHash = configHash;
    this.http = http;
    this.options.log.level = config.log.level;
    this.setPlant(plant);
    oldPlant?.close(plant);
    if (!sameListen) await oldHttp?.close();
    await connect();
  }

  private setPlant(plant: Plant): void {
    this.plant = plant;
    this.reporting.setPlant(plant, this.config, this.configHash);
  }

  private tellHealth(): void {
    const { clock } = this.options;
    const facts = healthFacts(this, (clock.monotonic() - this.startedMs) / 1000);
    this.reporting.publisher.health(healthReport(facts, clock.now()));
  }

  private openPlant(config: Config, before?: Plant): Promise<Plant> {
    const { reporting, engine, counters } = this;
    const options = {
      config,
      engine,
      counters,
      clock: this.options.clock,
      onResults: reporting.results.bind(reporting),
      onNewAsset: reporting.newAsset.bind(reporting),
      onFull: reporting.full.bind(reporting),
      onInput: reporting.inputs.heard.bind(reporting.inputs),
      onSeen: reporting.seen.bind(reporting),
    };
    return Plant.open(options, before);
  }

  private async openHttp(config: Config): Promise<HttpPort | undefined> {
    const listen = parseListen(config.metrics.listen);
    if (listen === undefined) return undefined;
    return openHttp({
      ...listen,
      metrics: this.metrics,
      health: () => ({ problems: vitalProblems(this) }),
      readiness: () => ({ problems: readinessProblems(this) }),
    });
  }
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
