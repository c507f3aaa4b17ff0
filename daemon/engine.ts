/** Host of the worker thread: opens bundles in it, hands frames over, gives results back, starts it again when it dies. */
import { Worker } from 'node:worker_threads';
import type { Bundle } from '../model/bundle.js';
import type { Clock } from '../model/clock.js';
import { UserError } from '../model/errors.js';
import { disableTelemetry } from '../model/session.js';
import { Lane, type LaneOptions, type ResultReader } from './engine-lane.js';
import { controlBytes, fullEnough, type Order, type Report, type WorkerStart, word } from './engine-orders.js';

export interface EngineOptions {
  /** The compiled `worker.js`. */
  readonly worker: URL;
  readonly clock: Clock;
  /** The worker died and a new one has taken its place: all memory is lost, every asset warms up anew. */
  readonly onRestart: (error: Error) => void;
  /** The worker dies again and again: time to give up. */
  readonly onFatal: (error: Error) => void;
  /** Deaths within `restartWindowMs` that are borne. */
  readonly maxRestarts?: number;
  readonly restartWindowMs?: number;
}

interface Opening {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Batches leave little behind, so that a small nursery is as fast as V8's own and saves some forty megabytes. */
const resourceLimits = { maxYoungGenerationSizeMb: 8 };
export class Engine {
  /** Deaths of the worker since the start. */
  restarts = 0;
  private readonly lanes = new Map<number, Lane>();
  private readonly opening = new Map<number, Opening>();
  private readonly deaths: number[] = [];
  private control = new Int32Array(new SharedArrayBuffer(controlBytes));
  private worker: Worker | undefined;
  private nextLane = 0;
  private fresh = 0;
  private planned = false;

  constructor(private readonly options: EngineOptions) {}

  /**
   * Opens a bundle in the worker, golden vectors included, and starts the worker with the first one.
   * @param reader gets the results, in the order of scoring; the arrays are valid only during the call
   * @throws UserError when the bundle does not hold
   */
  async open(bundle: Bundle, options: LaneOptions, reader: ResultReader): Promise<Lane> {
    this.worker ??= this.start();
    const lane = new Lane(this.nextLane++, bundle, options, reader, this.hurry);
    this.lanes.set(lane.id, lane);
    try {
      await new Promise<void>((resolve, reject) => {
        this.opening.set(lane.id, { resolve, reject });
        this.sendOpen(lane);
      });
    } catch (error) {
      this.lanes.delete(lane.id);
      throw error;
    }
    return lane;
  }

  /** Gives up a bundle; results under way are lost. */
  close(lane: Lane): void {
    if (this.lanes.delete(lane.id)) this.send({ order: 'close', lane: lane.id });
  }

  /** Pings sent to this worker; `ping` about once a second. */
  get asked(): number {
    return Atomics.load(this.control, word.ping);
  }

  /** The last of them that it answered. */
  get answered(): number {
    return Atomics.load(this.control, word.pong);
  }

  /** For the watchdog: frames scored, and with them those under way. What gave way to newer frames is no progress. */
  get progress(): { readonly due: number; readonly done: number } {
    let done = 0;
    let underway = 0;
    for (const lane of this.lanes.values()) {
      done += lane.scored;
      underway += lane.underway;
    }
    return { due: done + underway, done };
  }

  ping(): void {
    Atomics.add(this.control, word.ping, 1);
    this.wake();
  }

  /** Resolves when all frames have their results, or after `timeoutMs`; gives the number of frames still under way. */
  async drain(timeoutMs: number): Promise<number> {
    const { clock } = this.options;
    const deadline = clock.monotonic() + timeoutMs;
    const underway = () => [...this.lanes.values()].reduce((sum, lane) => sum + lane.underway, 0);
    while (underway() > 0 && clock.monotonic() < deadline) {
      this.wake();
      await new Promise((resolve) => setTimeout(resolve, 2));
      this.readResults();
    }
    return underway();
  }

  async stop(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    this.lanes.clear();
    await worker?.terminate();
  }

  private start(): Worker {
    disableTelemetry();
    const workerData: WorkerStart = { control: this.control.buffer as SharedArrayBuffer };
    const worker = new Worker(this.options.worker, { workerData, name: 'anomalyd-score', resourceLimits });
    worker.on('message', (report: Report) => {
      if (worker === this.worker) this.hear(report);
    });
    let cause = new Error('the scoring thread ended');
    worker.on('error', (error) => {
      cause = error instanceof Error ? error : new Error(String(error));
    });
    worker.on('exit', () => {
      if (worker === this.worker) this.bury(cause);
    });
    return worker;
  }

  private hear(report: Report): void {
    if (report.report === 'results') {
      Atomics.store(this.control, word.bell, 0);
      this.readResults();
      return;
    }
    const opening = this.opening.get(report.lane);
    this.opening.delete(report.lane);
    if (report.report === 'opened') opening?.resolve();
    else opening?.reject(new UserError(report.problem, report.place, report.remedy));
  }

  private readResults(): void {
    let wanted = Atomics.exchange(this.control, word.starved, 0) === 1;
    for (const lane of this.lanes.values()) if (lane.drain()) wanted = true;
    if (wanted) this.wake();
  }

  /** The worker is dead: another takes over, unless too many died. */
  private bury(cause: Error): void {
    const { clock, maxRestarts = 5, restartWindowMs = 600_000, onRestart, onFatal } = this.options;
    const now = clock.monotonic();
    this.deaths.push(now);
    while ((this.deaths[0] ?? now) < now - restartWindowMs) this.deaths.shift();
    this.restarts++;
    if (this.deaths.length > maxRestarts) {
      this.worker = undefined;
      for (const { reject } of this.opening.values()) reject(cause);
      this.opening.clear();
      onFatal(cause);
      return;
    }
    for (const lane of this.lanes.values()) lane.restart();
    this.control = new Int32Array(new SharedArrayBuffer(controlBytes));
    this.worker = this.start();
    for (const lane of this.lanes.values()) this.sendOpen(lane);
    onRestart(cause);
  }

  private sendOpen(lane: Lane): void {
    const { maxGapMs: _, ...options } = lane.options;
    this.send({ order: 'open', lane: lane.id, bundle: lane.bundle, options, memory: lane.memory });
  }

  private send(order: Order): void {
    this.worker?.postMessage(order);
    this.wake();
  }

  /** A frame is in a ring: wakes the worker now in a burst, else when this turn of the event loop is over, so that batches gather. */
  private readonly hurry = (): void => {
    this.fresh++;
    // In the midst of a burst, instead of at its end.
    if (this.fresh === fullEnough) this.wake();
    if (this.planned) return;
    this.planned = true;
    setImmediate(this.wakeAfterTurn);
  };

  private readonly wakeAfterTurn = (): void => {
    this.planned = false;
    this.fresh = 0;
    // What the worker has finished meanwhile: it tells of results only before it sleeps.
    this.readResults();
    this.wake();
  };

  private wake(): void {
    const { control } = this;
    Atomics.add(control, word.wake, 1);
    if (Atomics.load(control, word.asleep) === 1) Atomics.notify(control, word.wake);
    if (Atomics.load(control, word.rush) === 0 && this.hasFull() && Atomics.exchange(control, word.rush, 1) === 0)
      Atomics.notify(control, word.rush);
  }

  private hasFull(): boolean {
    const enough = Atomics.load(this.control, word.enough);
    for (const lane of this.lanes.values()) if (lane.waiting >= enough) return true;
    return false;
  }
}
