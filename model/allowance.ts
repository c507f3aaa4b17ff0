/** What normal operation may deviate by for long, in normal deviates a frame: what the cumulative sum must not take for wear. */
import { studentDeviate } from './normal.js';
import { hoursPerWeek } from './peaks.js';

/** At least this drift of normal is allowed for. */
const leastAllowance = 0.5;
/** Normal operation is compared in blocks of about so many frames. */
const blockFrames = 240;
/** A block of normal operation whose mean lies as far above what blocks have on average as this normal deviate is not to be expected. */
const blockDeviations = 4;
/** Of fewer machine-hours, or machines, nobody can say how far apart they are: three may be alike by chance. */
const leastIndependent = 4;

export interface Allowance {
  /** Normal deviates a frame; infinite where the record cannot tell. */
  readonly allowance: number;
  /**
   * Mean height to expect of the sum's excursions, were it a diffusion with drift -d and the blocks' long-run variance v, no less than that of independent frames:
   * v / 2d (Siegmund, Sequential Analysis, 1985, III)
   */
  readonly priorScale: number;
}

/**
 * Machines differ from what they all were learned as, and the same machine from hour to hour, without being ill. The allowance is the predictive bound of the mean of a
 * block of another machine-hour, from a one-way analysis of variance: blocks of one machine and hour share its load and weather, and how far such hours stray is known
 * only by as many as were seen; how far blocks stray within them, by all blocks. The degrees of freedom of the two together are Satterthwaite's (Biometrics 1946).
 * @param deviates normal deviates of consecutive normal frames, one entry a segment
 * @param assets machines that the frames are of
 */
export function learnAllowance(deviates: readonly Float32Array[], framesPerWeek: number, assets: number): Allowance {
  const groups = deviates.flatMap((segment) => machineHours(segment, framesPerWeek / hoursPerWeek));
  const blocks = groups.flat();
  const frames = deviates.reduce((sum, { length }) => sum + length, 0);
  const N = blocks.length;
  const G = groups.length;
  const mean = meanOf(blocks);
  // As many machine-hours as the record is long, or machines: pieces of one hour are not independent.
  const independent = Math.min(G, Math.max(assets, (frames / framesPerWeek) * hoursPerWeek));
  if (independent < leastIndependent) return { allowance: Number.POSITIVE_INFINITY, priorScale: Number.NaN };
  const between = groups.reduce((sum, group) => sum + group.length * (meanOf(group) - mean) ** 2, 0) / (G - 1);
  const within = groups.reduce((sum, group) => sum + squaresAbout(group, meanOf(group)), 0) / Math.max(1, N - G);
  const perGroup = (N - groups.reduce((sum, { length }) => sum + length ** 2, 0) / N) / (G - 1);
  const shares = [between / perGroup, within * (1 - 1 / perGroup)] as const;
  const variance = shares[0] + shares[1];
  const unsure = shares[0] ** 2 / (independent - 1) + shares[1] ** 2 / Math.max(1, N - G);
  const deviate = unsure > 0 ? studentDeviate(blockDeviations, variance ** 2 / unsure) : blockDeviations;
  const margin = deviate * Math.sqrt(variance + shares[0] / independent);
  const drift = Math.max(leastAllowance, margin);
  const longRunVariance = Math.max(1, (variance * frames) / N);
  return { allowance: Math.max(0, mean) + drift, priorScale: longRunVariance / (2 * drift) };
}

/** Means of the blocks of one segment, by the hours from its beginning. */
function machineHours(segment: Float32Array, framesPerHour: number): number[][] {
  const count = segment.length === 0 ? 0 : Math.max(1, Math.floor(segment.length / blockFrames));
  const hours = new Map<number, number[]>();
  for (let k = 0; k < count; k++) {
    const from = Math.floor((k * segment.length) / count);
    const hour = Math.floor(from / framesPerHour);
    const block = segment.subarray(from, Math.floor(((k + 1) * segment.length) / count));
    hours.set(hour, [...(hours.get(hour) ?? []), meanOf(block)]);
  }
  return [...hours.values()];
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / Math.max(1, values.length);
}

function squaresAbout(values: readonly number[], mean: number): number {
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}
