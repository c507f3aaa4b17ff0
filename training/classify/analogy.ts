/**
 * Synthetic bursts of a fault that was recorded seldom, by analogy (Hariharan & Girshick 2017): what leads from one burst of a well-known fault to another, as another
 * load, another machine or a further stage, is added to a burst of the rare one. Works on standardised features.
 */
import type { Random } from '../../model/random.js';

/** A labelled burst. */
export interface Example {
  readonly features: readonly number[];
  /** Index of its class. */
  readonly label: number;
}

/** New examples of `label`: f + (b - a), with f a known one, and a and b two of the same other class; none where no other class has two. */
export function byAnalogy(examples: readonly Example[], label: number, count: number, random: Random): Example[] {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.uniform(0, list.length))] as T;
  const known = examples.filter((one) => one.label === label);
  const others = [...new Set(examples.map((one) => one.label))]
    .filter((other) => other !== label)
    .map((other) => examples.filter((one) => one.label === other))
    .filter((list) => list.length > 1);
  if (known.length === 0 || others.length === 0) return [];
  return Array.from({ length: count }, () => {
    const other = pick(others);
    const [a, b] = [pick(other), pick(other)];
    const features = pick(known).features.map((value, i) => value + (b.features[i] ?? 0) - (a.features[i] ?? 0));
    return { features, label };
  });
}

/** What each class lacks of the largest is made up. */
export function balanced(examples: readonly Example[], classes: number, random: Random): Example[] {
  const counts = Array.from({ length: classes }, (_, k) => examples.filter(({ label }) => label === k).length);
  const most = Math.max(...counts);
  return counts.flatMap((count, k) => byAnalogy(examples, k, most - count, random));
}
