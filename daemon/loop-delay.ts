/** How late the main thread comes to what is due, told by a timer that is there anyway: one of its own would wake the process ten times a second. */
import type { Clock } from '../model/clock.js';
import { Histogram } from './engine-histogram.js';

const boundsS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export class LoopDelay {
  readonly histogramS = new Histogram(boundsS);
  private lastMs: number;

  constructor(
    private readonly clock: Clock,
    private readonly periodMs: number,
  ) {
    this.lastMs = clock.monotonic();
  }

  /** The timer's turn. */
  tick(): void {
    const nowMs = this.clock.monotonic();
    this.histogramS.observe(Math.max(0, nowMs - this.lastMs - this.periodMs) / 1000);
    this.lastMs = nowMs;
  }
}
