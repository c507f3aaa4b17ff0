/** Judges whether work that came in gets done, and pings the service manager as long as it does, so that a daemon that only looks alive is started again. */
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
/** Looks in one watchdog period; sd_watchdog_enabled(3) asks for two pings at least. */
const looksPerPeriod = 4;
/** The period where no service manager waits for pings, and only the health page asks. */
const ownPeriodMs = 30_000;

/** Watches the stages from the main loop's own timer (a blocked loop pings nobody). `check` may be called by hand in tests. */
export class Watchdog {
  readonly #seen: { done: number; atMs: number }[];
  readonly #periodMs: number;
  #timer: NodeJS.Timeout | undefined;
  #stuck = '';

  constructor(
    readonly notifier: Notifier,
    readonly clock: Clock,
    readonly stages: readonly Stage[],
    /** Told once when a stage gets stuck, and with an empty name when all move again. */
    readonly onChange: (stage: string, forMs: number) => void = () => {},
  ) {
    const atMs = clock.monotonic();
    this.#periodMs = notifier.watchdogMs ?? ownPeriodMs;
    this.#seen = stages.map((stage) => ({ done: stage.done(), atMs }));
  }

  start(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.check(), this.#periodMs / looksPerPeriod).unref();
    this.check();
  }

  /** The stage that is stuck, the first in the order of work; empty = none. */
  get stuck(): string {
    return this.#stuck;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Pings, or leaves the ping out while a stage is stuck. */
  check(): void {
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
      } else if (stuck === '' && nowMs - seen.atMs > this.#periodMs * patience) {
        stuck = stage.name;
        forMs = nowMs - seen.atMs;
      }
    });
    if (stuck === '' && this.notifier.watchdogMs !== undefined) this.notifier.alive();
    const isNews = stuck !== this.#stuck;
    this.#stuck = stuck;
    if (isNews) this.onChange(stuck, forMs);
  }
}
