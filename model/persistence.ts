/** On-delay: the `need`-th largest of the last `of` values, by slot. */
import { grownSlots } from './slots.js';
export class Persistence {
  private recent = new Float32Array(0);
  private frames = new Uint32Array(0);
  private readonly largest: Float64Array;

  constructor(private readonly options: { readonly of: number; readonly need: number }) {
    this.largest = new Float64Array(options.need);
  }

  /** Makes room for `slots` slots. */
  ensure(slots: number): void {
    if (slots <= this.frames.length) return;
    const size = grownSlots(slots, this.frames.length);
    const recent = new Float32Array(size * this.options.of);
    recent.set(this.recent);
    this.recent = recent;
    const frames = new Uint32Array(size);
    frames.set(this.frames);
    this.frames = frames;
  }

  reset(slot: number): void {
    const { of } = this.options;
    this.recent.fill(0, slot * of, (slot + 1) * of);
    this.frames[slot] = 0;
  }

  /** Pushes a value, not negative. */
  push(slot: number, value: number): number {
    const { of, need } = this.options;
    const ring = slot * of;
    const frames = this.frames[slot] as number;
    this.recent[ring + (frames % of)] = value;
    this.frames[slot] = frames + 1;
    const { largest, recent } = this;
    for (let k = 0; k < need; k++) largest[k] = 0;
    for (let i = ring; i < ring + of; i++) {
      let next = recent[i] as number;
      for (let k = 0; k < need && next > 0; k++) {
        const held = largest[k] as number;
        if (next > held) {
          largest[k] = next;
          next = held;
        }
      }
    }
    return largest[need - 1] as number;
  }
}
