/** The connection to the broker over the daemon's life: one `Broker` after another as the config changes, what is counted of it, and what the log says. */
import type { Duplex } from 'node:stream';
import { Broker } from './broker.js';
import type { Trouble } from './broker-trouble.js';
import { type Config, defaultClientId } from './config.js';
import { sameBroker } from './config-broker.js';
import { subscriptions } from './ingest.js';
import type { Log } from './log.js';
import type { PatienceOptions } from './patience.js';
import type { Topics } from './publish-topics.js';
import type { SessionMemory } from './session.js';
import type { StreamProgress } from './stream-progress.js';
import type { Qos } from './topic.js';

export interface ConnectionOptions {
  readonly topics: Topics;
  readonly log: Log;
  /** Hot: a message that is not addressed to us. */
  readonly onMessage: (topic: string, payload: Buffer, retained: boolean) => void;
  /** A message below our own base, or on one of `listenTo`. */
  readonly onOwnMessage: (topic: string, payload: Buffer, retained: boolean) => void;
  /** Topics of others that we must hear, whatever the inputs are. */
  readonly listenTo: (config: Config) => readonly string[];
  readonly session: SessionMemory;
  /** The way into the embedded broker, for configs that have one: what the inputs ask for comes from there by a way of its own. */
  readonly connectEmbedded: () => Duplex;
  readonly patience: PatienceOptions;
  readonly onReady: () => void;
  readonly onLost: () => void;
  /** It has become harder or easier to say why we are not connected. */
  readonly onTrouble: () => void;
}

export class Connection {
  /** Connections after the first. */
  reconnects = 0;
  /** Times we could not connect or were thrown out, by kind. */
  readonly troubles = new Map<string, number>();
  /** Subscriptions that the broker refuses at present, with its reason. */
  readonly refused = new Map<string, number>();
  /** What stands in the way of a connection, in a few words; empty where nothing is known. */
  trouble = '';
  private broker: Broker;
  /** Topics of others that we listen to. */
  private others: readonly string[];
  private everReady = false;
  private closing = false;

  /** Connects only at `start`. @throws UserError for a certificate that is none */
  constructor(
    private config: Config,
    private readonly options: ConnectionOptions,
  ) {
    this.others = options.listenTo(config);
    this.broker = this.newBroker(config);
  }

  get connected(): boolean {
    return this.broker.connected;
  }

  /** Of the stream from the broker. */
  get progress(): StreamProgress {
    return this.broker.progress;
  }

  start(): void {
    this.broker.start();
  }

  /** Rejects while not connected. */
  publish(topic: string, payload: string, how: { qos: Qos; retain: boolean }): Promise<void> {
    return this.broker.publish(topic, payload, how);
  }

  /** Asks for all subscriptions anew: a broker may have lost them without a word. */
  resubscribe(): void {
    this.refused.clear();
    void this.broker.resubscribe();
  }

  /**
   * Makes ready for another config; the function that it gives puts it in force and can't fail: it subscribes anew, or connects anew where it must.
   * @throws UserError for a certificate that is none
   */
  prepare(config: Config): () => Promise<void> {
    const same =
      sameBroker(this.config.broker, config.broker) && defaultClientId(this.config) === defaultClientId(config);
    const next = same ? this.broker : this.newBroker(config);
    return async () => {
      this.config = config;
      this.others = this.options.listenTo(config);
      this.refused.clear();
      if (same) return this.broker.subscribe(this.subscriptions(config));
      const before = this.broker;
      this.broker = next;
      await before.close();
      this.options.onLost();
      next.start();
    };
  }

  /** Waits for what is in flight, at most `patienceMs`, and takes leave. */
  close(patienceMs: number): Promise<void> {
    this.closing = true;
    return this.broker.close(patienceMs);
  }

  private newBroker(config: Config): Broker {
    const { topics, log, onMessage, onOwnMessage, onReady, onLost, onTrouble, connectEmbedded, patience, session } =
      this.options;
    const own = `${topics.base}/`;
    const { url } = config.broker;
    let lastTrouble = '';
    const will = { topic: topics.state, payload: JSON.stringify({ state: 'offline' }) };
    const broker: Broker = new Broker(
      config.broker,
      {
        clientId: defaultClientId(config),
        subscriptions: this.subscriptions(config),
        formerly: session.filters,
        will,
        patience,
        ...(config.broker.embedded !== undefined && { connect: connectEmbedded }),
      },
      {
        message: (topic, payload, retained) => {
          if (topic.startsWith(own) || this.others.includes(topic)) onOwnMessage(topic, payload, retained);
          else onMessage(topic, payload, retained);
        },
        ready: (connection) => {
          if (broker !== this.broker) return;
          if (this.everReady) this.reconnects++;
          this.everReady = true;
          lastTrouble = '';
          log.info({ broker: url, ...connection }, 'connected and subscribed');
          this.trouble = '';
          onReady();
        },
        disconnected: () => {
          if (broker !== this.broker || this.closing) return;
          this.refused.clear();
          log.warn({ broker: url }, 'connection to the broker lost; trying to connect again');
          this.trouble = 'connection lost';
          onLost();
        },
        trouble: ({ kind, problem, remedy }: Trouble) => {
          this.troubles.set(kind, (this.troubles.get(kind) ?? 0) + 1);
          // The same trouble again and again is told once.
          log[kind === lastTrouble ? 'debug' : 'error']({ broker: url, kind }, `${problem} ${remedy}`);
          lastTrouble = kind;
          this.trouble = problem;
          onTrouble();
        },
        subscribed: (filters) => session.keep(filters),
        refused: (filter, reason) => {
          this.refused.set(filter, reason);
          log.error({ filter, reason }, 'the broker refuses this subscription; check its permissions');
        },
      },
    );
    return broker;
  }

  private subscriptions(config: Config): Map<string, Qos> {
    const { topics, listenTo } = this.options;
    const own = [...topics.filters, ...listenTo(config)].map((topic) => ({ topic, qos: 1 as const }));
    return subscriptions(config.broker.embedded === undefined ? [...config.inputs, ...own] : own);
  }
}
