/** The only file that reads the clock: everything else is handed a `Clock`. */

export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  now(): number;
  /** Milliseconds from an arbitrary origin; never steps. For durations. */
  monotonic(): number;
}

/** `monotonic` is the kernel's CLOCK_MONOTONIC, so that it can be compared with what other programs say of theirs (systemd). */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
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
