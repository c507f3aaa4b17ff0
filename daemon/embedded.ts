/** Host of the embedded broker: its thread, the way of the inputs' messages out of it, and our own client's way in. */
import type { Duplex } from 'node:stream';
import { MessageChannel, Worker } from 'node:worker_threads';
import { UserError } from '../model/errors.js';
import { checkCertificates } from './certificates.js';
import type { Config } from './config.js';
import { brokerSettings } from './embedded-config.js';
import type { BrokerOrder, BrokerReport, BrokerStart } from './embedded-orders.js';
import { PortStream } from './embedded-port.js';
import { RingReader, ringMemory } from './embedded-ring.js';
import { subscriptions } from './ingest.js';
import type { Log } from './log.js';

export interface EmbeddedOptions {
  /** The compiled `embedded-thread.js`. */
  readonly thread: URL;
  readonly log: Log;
  /** Hot: a message of an input; the payload is valid only during the call. */
  readonly onMessage: (topic: string, payload: Buffer) => void;
  /** The thread has died. */
  readonly onFatal: (error: Error) => void;
}

/** Messages on their way: a few milliseconds of what a gateway can take, so that pressure reaches senders soon. */
const ringBytes = 2 ** 22;
/** Packets live for a moment: a small nursery is as fast as V8's own. */
const resourceLimits = { maxYoungGenerationSizeMb: 12 };
/** Messages read in one turn of the event loop, so that everything else has its turn too. */
const turn = 512;

export class Embedded {
  private worker: Worker | undefined;
  private reader: RingReader | undefined;
  private answer: ((report: BrokerReport) => void) | undefined;
  private reading = false;
  private taken = 0;

  constructor(private readonly options: EmbeddedOptions) {}

  /**
   * Does as the config says: starts the broker, changes it, or stops it where the config names another.
   * @throws UserError where it can't listen, or its certificate is none; then nothing has changed
   */
  async configure(config: Config): Promise<void> {
    const { embedded } = config.broker;
    if (embedded === undefined) return this.stop();
    if (embedded.tls !== undefined) checkCertificates(embedded.tls, 'broker.embedded.tls');
    const settings = brokerSettings(embedded, subscriptions(config.inputs).keys(), config.publish.base);
    const isNew = this.worker === undefined;
    this.worker ??= this.start();
    const report = await new Promise<BrokerReport>((resolve) => {
      this.answer = resolve;
      this.send({ order: 'configure', settings });
    });
    if (report.report !== 'refused') return;
    if (isNew) await this.stop();
    throw new UserError(report.problem, { key: report.key }, 'Change it in the config.');
  }

  /** A way in for our own MQTT client; one for each connection. */
  readonly connect = (): Duplex => {
    const { port1, port2 } = new MessageChannel();
    this.worker?.postMessage({ order: 'admit', port: port2 } satisfies BrokerOrder, [port2]);
    return new PortStream(port1);
  };

  /** For the watchdog: messages taken from the broker's thread; `due` is more while some wait. */
  get progress(): { readonly due: number; readonly done: number } {
    const waits = (this.reader?.size ?? 0) > 0 ? 1 : 0;
    return { due: this.taken + waits, done: this.taken };
  }

  async stop(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    this.reader = undefined;
    await worker?.terminate();
  }

  private start(): Worker {
    const ring = ringMemory(ringBytes);
    this.reader = new RingReader(ring);
    const workerData: BrokerStart = { ring };
    const worker = new Worker(this.options.thread, { workerData, name: 'anomalyd-broker', resourceLimits });
    worker.on('message', (report: BrokerReport) => this.hear(report));
    let cause = new Error('the embedded broker ended');
    worker.on('error', (error) => {
      cause = error instanceof Error ? error : new Error(String(error));
    });
    worker.on('exit', () => {
      if (worker === this.worker) this.options.onFatal(cause);
    });
    return worker;
  }

  private hear(report: BrokerReport): void {
    if (report.report === 'said') this.options.log[report.level](report.text);
    else if (report.report !== 'messages') this.answer?.(report);
    else if (!this.reading) this.read();
  }

  /** A part of what is there; the rest in the next turns. */
  private readonly read = (): void => {
    const { reader } = this;
    this.reading = false;
    if (reader === undefined) return;
    reader.hear();
    this.taken += reader.drain(this.options.onMessage, turn);
    if (reader.wanted) this.send({ order: 'room' });
    if (reader.size === 0) return;
    this.reading = true;
    setImmediate(this.read);
  };

  private send(order: BrokerOrder): void {
    this.worker?.postMessage(order);
  }
}
