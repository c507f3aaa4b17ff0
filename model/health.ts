/** Sensor health before any model: what a signal fails is masked and named. */
import type { Channel } from './manifest.js';

export class Health {
  constructor(readonly channels: readonly Channel[]) {}

  ensure(_slots: number): void {
    throw new Error('not built yet');
  }

  reset(_slot: number): void {
    throw new Error('not built yet');
  }

  /**
   * Judges frame `row` of `values` [n*C]: writes it to the same row of `masked` with NaN for what fails, and of `states` as indexes into `healthStates`.
   * Returns how many signals are left.
   */
  check(_slot: number, _row: number, _values: Float32Array, _masked: Float32Array, _states: Uint8Array): number {
    throw new Error('not built yet');
  }
}
