/** Synthetic faults of one signal, put into normal frames: what a detector must see without ever having been shown it. */
import type { Random } from '../../model/random.js';

export const faultKinds = ['step', 'ramp', 'noise', 'stuck', 'detached'] as const;

export interface Fault {
  readonly kind: (typeof faultKinds)[number];
  /** `step`, `ramp` (at its end), `noise`: normal spreads. `stuck`, `detached`: share of the fault's frames. */
  readonly size: number;
}

/** What is tried of each kind, where nobody asks for others. */
export const faultSizes: Readonly<Record<Fault['kind'], readonly number[]>> = {
  step: [1, 2, 4, 8],
  ramp: [1, 2, 4, 8],
  noise: [1, 2, 4, 8],
  stuck: [0.25, 0.5, 1],
  detached: [0.5, 1],
};

export const usualFaults: readonly Fault[] = faultKinds.flatMap((kind) =>
  faultSizes[kind].map((size): Fault => ({ kind, size })),
);

/** Frames of normal operation before a fault, then of the fault. */
export interface FaultSpan {
  readonly lead: number;
  readonly fault: number;
}

export interface Victim {
  readonly channel: number;
  readonly channels: number;
  /** Normal spread of the channel, in its unit. */
  readonly scale: number;
  /** [(lead + fault) * channels] other normal frames, which `detached` borrows from. */
  readonly donor: Float32Array;
  /** Noise is drawn from it. */
  readonly random: Random;
}

/**
 * A copy of `place` [(lead + fault) * channels] whose last `fault` frames are spoiled.
 *
 * `detached`: the signal goes on as it went elsewhere in the recording, backwards: each value is normal, what it has to do with the others is not.
 */
export function spoil(place: Float32Array, { kind, size }: Fault, { lead, fault }: FaultSpan, victim: Victim) {
  const { channel, channels, scale, donor, random } = victim;
  const copy = place.slice();
  const held = copy[lead * channels + channel] as number;
  const change: Readonly<Record<Fault['kind'], (value: number, i: number) => number>> = {
    step: (value) => value + size * scale,
    ramp: (value, i) => value + (size * scale * (i + 1)) / fault,
    noise: (value) => value + random.normal(0, size * scale),
    stuck: (value, i) => (i < size * fault ? held : value),
    detached: (value, i) => (i < size * fault ? (donor[(lead + fault - 1 - i) * channels + channel] as number) : value),
  };
  for (let i = 0; i < fault; i++) {
    const at = (lead + i) * channels + channel;
    copy[at] = change[kind](copy[at] as number, i);
  }
  return copy;
}

/** `count` pieces of lead + fault frames, evenly spread over the stretches [n*C] that are long enough. */
export function cutPlaces(
  stretches: readonly Float32Array[],
  { lead, fault }: FaultSpan,
  channels: number,
  count: number,
): Float32Array[] {
  const size = (lead + fault) * channels;
  const long = stretches.filter((values) => values.length >= size);
  const each = Math.ceil(count / Math.max(1, long.length));
  const all = long.flatMap((values) =>
    Array.from({ length: each }, (_, k) => {
      const room = (values.length - size) / channels;
      const from = Math.floor(each === 1 ? room / 2 : (room * k) / (each - 1)) * channels;
      return values.slice(from, from + size);
    }),
  );
  // Of too many, some of every stretch.
  return all.filter((_, i) => Math.floor(((i + 1) * count) / all.length) > Math.floor((i * count) / all.length));
}
