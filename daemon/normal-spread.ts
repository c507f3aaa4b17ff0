/** How far each signal of each asset usually is from what was expected of it: the width of the band that dashboards draw. */
import { healthStates, isSteady, type ResultBatch } from '../model/frames.js';

/** Frames before the spread means something, */
const leastFrames = 30;
/** and frames after which older ones fade. */
const memoryFrames = 2000;
const healthy = healthStates.indexOf('pass');

/** Root mean square of actual - expected over steady frames below the alarm threshold: what is strange must not widen its own band. */
export class NormalSpread {
  // [slots*C] each
  private square = new Float32Array(0);
  private frames = new Uint16Array(0);

  constructor(private readonly channels: number) {}

  /** Hot: no allocation but for slots never seen. */
  note({ n, slot, severity, mode, actual, expected, health }: ResultBatch): void {
    const { channels } = this;
    for (let i = 0; i < n; i++) {
      if (!isSteady(mode[i]) || !((severity[i] ?? 1) < 1)) continue;
      const to = (slot[i] ?? 0) * channels;
      if (to + channels > this.square.length) this.growTo(to + channels);
      for (let c = 0, from = i * channels; c < channels; c++, from++) {
        const error = (actual[from] ?? 0) - (expected[from] ?? 0);
        if (health[from] !== healthy || !Number.isFinite(error)) continue;
        const seen = this.frames[to + c] ?? 0;
        const mean = this.square[to + c] ?? 0;
        this.square[to + c] = mean + (error * error - mean) / (seen + 1);
        if (seen < memoryFrames - 1) this.frames[to + c] = seen + 1;
      }
    }
  }

  /** Of element `slot * C + channel`, in the unit of the signal; NaN until enough is known. */
  of(i: number): number {
    return (this.frames[i] ?? 0) < leastFrames ? Number.NaN : Math.sqrt(this.square[i] ?? Number.NaN);
  }

  private growTo(length: number): void {
    const square = new Float32Array(2 * length);
    const frames = new Uint16Array(2 * length);
    square.set(this.square);
    frames.set(this.frames);
    this.square = square;
    this.frames = frames;
  }
}
