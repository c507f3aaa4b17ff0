/** Pings the service manager as long as work that came in gets done, so that a daemon that only looks alive is started again. */
import type { Clock } from '../model/clock.js';
import type { Notifier } from './notify.js';

/**
 * One stage of the daemon's work, as two counters that only rise: what was handed to it, and what it has finished.
 * `{ name: 'worker', due: () => batches.sent, done: () => batches.answered }`. A stage with nothing due is never late: a silent plant is no fault.
 */
export interface Stage {
  readonly name: string;
  readonly due: () => number;
  readonly done: () => number;
}

/** Share of the watchdog's time after which a stage that owes work and finishes none counts as stuck. */
const patience = 0.5;
/** Pings in one watchdog period; sd_watchdog_enabled(3) asks for two at least. */
const pingsPerPeriod = 4;

/**
 * Watches the stages from the main loop's own timer (a blocked loop pings nobody). `check` may be called by hand in tests.
 * Without a watchdog (`notifier.watchdogMs` undefined) it does nothing.
 */
export class Watchdog {
  readonly #seen: { done: number; atMs: number }[];
  #timer: NodeJS.Timeout | undefined;
  #stuck = '';

  constructor(
    readonly notifier: Notifier,
    readonly clock: Clock,
    readonly stages: readonly Stage[],
    /** Told once for each time that a stage gets stuck. */
    readonly onStuck: (stage: string, forMs: number) => void = () => {},
  ) {
    const atMs = clock.monotonic();
    this.#seen = stages.map((stage) => ({ done: stage.done(), atMs }));
  }

  start(): void {
    const { watchdogMs } = this.notifier;
    if (watchdogMs === undefined || this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.check(), watchdogMs / pingsPerPeriod).unref();
    this.check();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Pings, or names the stage that is stuck in the status line and leaves the ping out. */
  check(): void {
    const { watchdogMs } = this.notifier;
    if (watchdogMs === undefined) return;
    const nowMs = this.clock.monotonic();
    let stuck = '';
    let forMs = 0;
    this.stages.forEach((stage, i) => {
      const seen = this.#seen[i];
      if (seen === undefined) return;
      const done = stage.done();
      if (done !== seen.done || done >= stage.due()) {
        seen.done = done;
        seen.atMs = nowMs;
      } else if (nowMs - seen.atMs > watchdogMs * patience) {
        stuck = stage.name;
        forMs = nowMs - seen.atMs;
      }
    });
    if (stuck === '') this.notifier.alive();
    else if (stuck !== this.#stuck) {
      this.notifier.status(`stuck: ${stuck} has work and finishes none`);
      this.onStuck(stuck, forMs);
    }
    this.#stuck = stuck;
  }
}
