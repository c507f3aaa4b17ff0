/** One detector's graph with the memory of every asset: window rings or packed recurrent state. */
import type { Bundle } from './bundle.js';
import type { DetectorManifest, Golden } from './manifest.js';

/** Outputs for n frames; row i belongs to frame i of the call. Owned by the session, valid until its next call, unless from `sequence`. */
export interface DetectorOutputs {
  readonly n: number;
  /** [n] */
  readonly score: Float32Array;
  /** [n*C] not negative, sums to score */
  readonly contribution: Float32Array;
  /** [n*C] engineering units */
  readonly expected: Float32Array;
  /** [n*C] in units of normal spread, 0 where missing */
  readonly residual: Float32Array;
  /** [n] 1 once warm-up is over */
  readonly ready: Uint8Array;
}

export class DetectorSession {
  private constructor(readonly manifest: DetectorManifest) {}

  static async open(_bundle: Bundle, _detector: DetectorManifest): Promise<DetectorSession> {
    throw new Error('not built yet');
  }

  ensure(_slots: number): void {
    throw new Error('not built yet');
  }

  reset(_slot: number): void {
    throw new Error('not built yet');
  }

  /** One frame each of `n` distinct assets. */
  async step(_n: number, _slot: Int32Array, _values: Float32Array): Promise<DetectorOutputs> {
    throw new Error('not built yet');
  }

  /** `frames` [T*C] of one asset from a reset; equals T calls of `step`. Touches no slot. The outputs are the caller's. */
  async sequence(_frames: Float32Array, _T: number): Promise<DetectorOutputs> {
    throw new Error('not built yet');
  }

  /** @throws UserError where an output differs from its golden vector by more than 1e-4 */
  async selfTest(_golden: readonly Golden[]): Promise<void> {
    throw new Error('not built yet');
  }

  async close(): Promise<void> {
    throw new Error('not built yet');
  }
}
