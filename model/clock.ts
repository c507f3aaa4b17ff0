/** The only file that reads the clock: everything else is handed a `Clock`. */

export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  now(): number;
  /** Milliseconds from an arbitrary origin; never steps. For durations. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** A clock that stands still until it is told, for replay and tests. */
export class ManualClock implements Clock {
  constructor(private timeMs = 0) {}

  now(): number {
    return this.timeMs;
  }

  monotonic(): number {
    return this.timeMs;
  }

  set(timeMs: number): void {
    this.timeMs = timeMs;
  }

  advance(ms: number): void {
    this.timeMs += ms;
  }
}
