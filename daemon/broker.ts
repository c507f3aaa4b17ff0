/** Our one connection to the MQTT broker: finds it again by itself, asks for its subscriptions anew, and says what is wrong. */

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type IClientOptions, MqttClient } from 'mqtt';
import { describeTrouble, type Trouble } from './broker-trouble.js';
import { checkCertificates } from './certificates.js';
import type { BrokerConfig } from './config-broker.js';
import { type Intake, Patience, type PatienceOptions } from './patience.js';
import { PlainMessages } from './plain-messages.js';
import { StreamProgress } from './stream-progress.js';
import type { Qos } from './topic.js';

export interface BrokerWill {
  readonly topic: string;
  readonly payload: string;
}

export interface BrokerListener {
  /** Hot: called for every message, in order. */
  message?(topic: string, payload: Buffer, retained: boolean): void;
  /** Connected, and every subscription answered. Not called for a connection that ends before that. */
  ready?(connection: { readonly protocolVersion: number; readonly sessionPresent: boolean }): void;
  /** An established connection has ended. */
  disconnected?(): void;
  /** An attempt to connect has failed, or the broker has thrown us out. We keep trying. */
  trouble?(trouble: Trouble): void;
  /** The broker refused a subscription (SUBACK). */
  refused?(filter: string, reason: number): void;
  /** Every subscription is answered, and our session at the broker holds these and no other. */
  subscribed?(filters: readonly string[]): void;
}

export interface BrokerOptions {
  readonly clientId: string;
  readonly subscriptions?: ReadonlyMap<string, Qos>;
  /** What a session of an earlier life may still be subscribed to: given up where it is not wanted any more. */
  readonly formerly?: readonly string[];
  /** Published retained, QoS 1, by the broker when we vanish. */
  readonly will?: BrokerWill;
  /** Overrides the config: for programs that must leave no session behind. */
  readonly cleanStart?: boolean;
  /** Makes the connections in place of sockets to `url`: the embedded broker's own door. */
  readonly connect?: () => Duplex;
  /** Once connected and subscribed; only of sockets. Without: each message is read when it comes. */
  readonly patience?: PatienceOptions;
}

const firstRetryMs = 1000;
/** A connection this old has settled. Two clients of one name throw each other out sooner, and not every broker says so. */
const settledMs = 10_000;
const maxUnsettled = 3;

export class Broker {
  /** For the watchdog: what came in, and what of it was dealt with. */
  readonly progress = new StreamProgress();
  readonly #config: BrokerConfig;
  readonly #listener: BrokerListener;
  readonly #options: BrokerOptions;
  #subscriptions: ReadonlyMap<string, Qos>;
  /** Filters that our session at the broker may hold. */
  readonly #held: Set<string>;
  #client: MqttClient | undefined;
  #connections = 0;
  #ended = 0;
  #waiting = 0;
  #told = false;
  readonly #intake: Intake = { plain: 0, acknowledged: 0 };
  #unsettled = 0;
  #settling: NodeJS.Timeout | undefined;
  #patience: Patience | undefined;
  #closing = false;

  /** @throws UserError when certificate or key are none. Connects only at `start`. */
  constructor(config: BrokerConfig, options: BrokerOptions, listener: BrokerListener = {}) {
    this.#config = config;
    this.#listener = listener;
    this.#options = options;
    this.#subscriptions = options.subscriptions ?? new Map();
    this.#held = new Set(options.formerly);
    checkCertificates(config, 'broker');
  }

  get connected(): boolean {
    return this.#client?.connected === true;
  }

  /** Connections made so far, the first included. */
  get connections(): number {
    return this.#connections;
  }

  /** Publications that the broker has not acknowledged yet. */
  get inFlight(): number {
    return this.#waiting;
  }

  /** Begins to connect and returns at once; never gives up until `close`. */
  start(): void {
    if (this.#client !== undefined) return;
    const { connect } = this.#options;
    const client =
      connect === undefined
        ? mqtt.connect(this.#config.url, this.#clientOptions())
        : new MqttClient(connect, { ...this.#clientOptions(), protocolVersion: 4 });
    this.#client = client;
    const { message } = this.#listener;
    new PlainMessages(client, (topic, payload) => {
      this.#intake.plain++;
      message?.call(this.#listener, topic, payload, false);
    });
    client.on('packetreceive', (packet) => {
      // A message is dealt with when its listener returns.
      if (packet.cmd !== 'publish') this.progress.note();
      else if (packet.qos === 0) this.#intake.plain++;
      else this.#intake.acknowledged++;
    });
    client.on('message', (topic, payload, packet) => {
      message?.call(this.#listener, topic, payload, packet.retain);
      this.progress.note();
    });
    client.on('connect', (packet) => this.#onConnect(client, packet.sessionPresent));
    client.on('error', (error) => this.#onError(client, error));
    client.on('disconnect', ({ reasonCode }) => this.#tell(reasonCode ?? 0));
    client.on('reconnect', () => {
      const pause = client.options.reconnectPeriod ?? firstRetryMs;
      client.options.reconnectPeriod = this.#pause(2 * pause);
    });
    client.on('close', () => this.#onClose());
  }

  /**
   * Resolves when the broker has acknowledged (QoS 0: when it is written). What is in flight when the connection breaks is sent again after it.
   * Rejects at once while there is no connection, so that whoever holds the message keeps it.
   */
  publish(
    topic: string,
    payload: string | Buffer,
    { qos = 1, retain = false }: { qos?: Qos; retain?: boolean } = {},
  ): Promise<void> {
    const client = this.#client;
    if (client?.connected !== true) return Promise.reject(new Error('not connected to the broker'));
    this.#waiting++;
    this.#patience?.hurry();
    return new Promise((resolve, reject) => {
      client.publish(topic, payload, { qos, retain }, (error) => {
        this.#waiting--;
        if (error) reject(error);
        else resolve();
      });
    });
  }

  /** Changes what we listen to, for good. Resolves when the broker has answered, or will not: the next connection asks again. */
  async subscribe(subscriptions: ReadonlyMap<string, Qos>): Promise<void> {
    this.#subscriptions = subscriptions;
    const patience = new AbortController();
    await Promise.race([
      this.resubscribe(),
      sleep(this.#config.connectTimeoutS * 1000, undefined, { ref: false, signal: patience.signal }).catch(() => {}),
    ]);
    patience.abort();
  }

  /** Asks for all subscriptions anew on the connection that there is. */
  async resubscribe(): Promise<void> {
    const client = this.#client;
    // Only a lost connection ends here; the next one subscribes again.
    if (client?.connected === true) await this.#subscribe(client).catch(() => {});
  }

  /** Waits for what is in flight, at most `patienceMs`, and takes leave (no last will). */
  async close(patienceMs = 5000): Promise<void> {
    const client = this.#client;
    this.#closing = true;
    if (client === undefined) return;
    for (let waited = 0; this.#waiting > 0 && client.connected && waited < patienceMs; waited += 10) await sleep(10);
    await client.endAsync(!client.connected || this.#waiting > 0);
  }

  #pause(ms: number): number {
    return Math.min(ms, this.#config.retryMaxS * 1000);
  }

  #clientOptions(): IClientOptions {
    const { ca, cert, key, username, password, servername, protocolVersion, ...config } = this.#config;
    const { will, clientId } = this.#options;
    const clean = this.#options.cleanStart ?? config.cleanStart;
    return {
      protocolVersion,
      clientId,
      clean,
      keepalive: config.keepaliveS,
      connectTimeout: config.connectTimeoutS * 1000,
      reconnectPeriod: this.#pause(firstRetryMs),
      reconnectOnConnackError: true,
      // We ask anew ourselves, whatever the broker remembers: its session may be of an older config.
      resubscribe: false,
      queueQoSZero: false,
      // Its trace is written for each message even where nobody reads it.
      log: () => {},
      ...(protocolVersion === 5 && { properties: { sessionExpiryInterval: clean ? 0 : config.sessionExpiryS } }),
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password: password.reveal() }),
      ...(ca !== undefined && { ca: ca.reveal() }),
      ...(cert !== undefined && { cert: cert.reveal() }),
      ...(key !== undefined && { key: key.reveal() }),
      ...(servername !== undefined && { servername }),
      ...(will !== undefined && { will: { ...will, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
    };
  }

  #onConnect(client: MqttClient, sessionPresent: boolean): void {
    this.#connections++;
    this.#unsettled++;
    this.#settling = setTimeout(() => {
      this.#settling = undefined;
      this.#unsettled = 0;
      client.options.reconnectPeriod = this.#pause(firstRetryMs);
    }, settledMs).unref();
    // Small packets must not wait for one another (Nagle): QoS 1 would crawl.
    const { stream } = client;
    if ('setNoDelay' in stream && typeof stream.setNoDelay === 'function') stream.setNoDelay(true);
    this.progress.follow(stream);
    const connection = this.#connections;
    const { protocolVersion = 4 } = client.options;
    if (!sessionPresent) this.#held.clear();
    this.#subscribe(client).then(
      () => {
        if (!client.connected || connection !== this.#connections) return;
        const { patience } = this.#options;
        if (patience !== undefined && stream instanceof Socket)
          this.#patience = new Patience(stream, patience, this.#intake);
        this.#listener.ready?.({ protocolVersion, sessionPresent });
      },
      // Only a lost connection ends here; the next one subscribes again.
      () => {},
    );
  }

  #onClose(): void {
    const wasConnected = this.#connections > this.#ended;
    this.#ended = this.#connections;
    clearTimeout(this.#settling);
    this.#patience?.hurry();
    this.#patience = undefined;
    this.progress.end();
    if (!wasConnected && !this.#told) this.#tell(undefined);
    if (wasConnected) {
      this.#listener.disconnected?.();
      if (!this.#told && this.#unsettled >= maxUnsettled) this.#tell(142);
    }
    this.#told = false;
  }

  async #subscribe(client: MqttClient): Promise<void> {
    const filters = [...this.#subscriptions.keys()];
    const gone = [...this.#held].filter((filter) => !this.#subscriptions.has(filter));
    for (const filter of filters) this.#held.add(filter);
    if (gone.length > 0) await client.unsubscribeAsync(gone);
    for (const filter of gone) if (!this.#subscriptions.has(filter)) this.#held.delete(filter);
    if (filters.length === 0) return;
    const wanted = Object.fromEntries([...this.#subscriptions].map(([filter, qos]) => [filter, { qos, rh: 1 }]));
    const answer = await new Promise<{ readonly granted: readonly unknown[] }>((resolve, reject) => {
      // A refusal among the answers counts as an error too.
      client.subscribe(wanted, (error, _, packet) => (packet === undefined ? reject(error) : resolve(packet)));
    });
    filters.forEach((filter, i) => {
      const reason = Number(answer.granted[i]);
      if (reason >= 128) this.#listener.refused?.(filter, reason);
    });
    this.#listener.subscribed?.([...this.#held]);
  }

  #onError(client: MqttClient, error: Error): void {
    const timeout = error.message === 'connack timeout' || error.message === 'Keepalive timeout';
    const code = 'code' in error ? error.code : timeout ? 'ETIMEDOUT' : error.name;
    if ((code === 1 || code === 132) && client.options.protocolVersion === 5) {
      // A broker of MQTT 3.1.1 alone (MQTT 5, 3.1.2.2). It is asked for its version again after a restart.
      client.options.protocolVersion = 4;
      client.options.properties = {};
      client.options.reconnectPeriod = 10;
      this.#told = true;
      return;
    }
    this.#tell(code, error.message);
  }

  #tell(code: unknown, detail?: string): void {
    if (this.#closing) return;
    this.#told = true;
    this.#listener.trouble?.(describeTrouble(this.#config, code, detail));
  }
}
