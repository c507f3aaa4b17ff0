/** Health limits learned from normal data. */
import type { HealthLimits } from './manifest.js';

/** @param segments frames [n*C] each, in engineering units; returns one entry a channel */
export function learnHealthLimits(_segments: readonly Float32Array[], _channels: number): HealthLimits[] {
  throw new Error('not built yet');
}
