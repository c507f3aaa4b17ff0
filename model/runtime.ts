/** A bundle at work: health -> detectors -> scorer, for batches of frames. */
import type { Bundle } from './bundle.js';
import type { FrameBatch, ResultBatch } from './frames.js';

export interface RuntimeOptions {
  /** Alarm budget; the manifest's where not given. */
  readonly falseAlarmsPerAssetWeek?: number;
}

export class BundleRuntime {
  private constructor(
    readonly bundle: Bundle,
    /** Channel names, in the order of the frames' columns. */
    readonly channels: readonly string[],
    /** Detector names, in the order of `ResultBatch.detector`. */
    readonly detectors: readonly string[],
    /** -ln p at severity 1. */
    readonly alarmLevel: number,
  ) {}

  /** Opens the graphs and runs the golden vectors. @throws UserError */
  static async open(_bundle: Bundle, _options: RuntimeOptions = {}): Promise<BundleRuntime> {
    throw new Error('not built yet');
  }

  /** Results are fresh arrays, the caller's to keep or transfer. One call at a time. */
  async score(_batch: FrameBatch): Promise<ResultBatch> {
    throw new Error('not built yet');
  }

  /** Clears all memory of a slot, for another asset to take. */
  forget(_slot: number): void {
    throw new Error('not built yet');
  }

  async close(): Promise<void> {
    throw new Error('not built yet');
  }
}
