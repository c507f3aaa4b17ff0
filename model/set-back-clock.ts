/** Notices by late readings that a device's clock was set back, by slot. */
import { at, moved } from './slots.js';

/** Late readings at this many later and later instants, none accepted between, mean that the device's clock was set back. */
export const lateInstantsToRestart = 5;

export class SetBackClock {
  private instant = new Float64Array(0);
  private count = new Uint8Array(0);

  /** Makes room for `slots` slots. */
  grow(slots: number): void {
    this.instant = moved(this.instant, new Float64Array(slots), -Infinity);
    this.count = moved(this.count, new Uint8Array(slots), 0);
  }

  /** A reading was in time. */
  clear(slot: number): void {
    this.instant[slot] = -Infinity;
    this.count[slot] = 0;
  }

  /** A reading was late. @returns whether that is one too many */
  late(slot: number, instant: number): boolean {
    if (instant <= at(this.instant, slot)) return false;
    this.instant[slot] = instant;
    const count = at(this.count, slot) + 1;
    this.count[slot] = count;
    return count >= lateInstantsToRestart;
  }
}
