/** What the sections of the report are made from: a bundle run over recordings. */
import type { DetectorOutputs } from '../../model/detector.js';
import type { Manifest } from '../../model/manifest.js';
import type { Verdict } from '../bundle-run.js';
import type { Stretch } from './frames.js';

export interface Measured {
  readonly manifest: Manifest;
  readonly stretches: readonly Stretch[];
  /** Of each stretch. */
  readonly verdicts: readonly Verdict[];
  /** By detector, then stretch. */
  readonly outputs: readonly (readonly DetectorOutputs[])[];
}
