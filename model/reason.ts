/** Why a frame got the verdict it got, in a few words. */
import { healthStates, type ResultBatch } from './frames.js';
import type { Manifest } from './manifest.js';
import { formatCondition } from './mode-rule.js';
import { modeOf } from './modes.js';

/** Signals named of a strange frame, at most. */
const mostNamed = 3;
/** A signal with a smaller share of the evidence is not named. */
const leastShare = 0.1;

type Told = Pick<Manifest, 'channels' | 'modes'>;

/** Of result `i`: what it is like, and where it is not scored, why not. */
export function reasonOf({ channels, modes }: Told, batch: ResultBatch, i: number): string {
  const mode = modeOf(modes, batch.mode[i]);
  if (mode === 'off') return `off: ${(modes?.off ?? []).map(formatCondition).join(' and ')}`;
  if (mode === 'start-up') return `starts up: off less than ${(modes?.startUpMs ?? 0) / 1000} s ago`;
  if (mode === 'warm-up') return 'too few frames yet to tell';
  const C = channels.length;
  if (mode === 'no-data') return `no signal is known: ${faults(channels, batch, i * C).join(', ')}`;
  const reason = (batch.severity[i] ?? 0) < 1 ? 'as learned' : strangest(channels, batch, i * C);
  const out = faults(channels, batch, i * C);
  return out.length === 0 ? reason : `${reason}; ${out.join(', ')}`;
}

function strangest(channels: Told['channels'], { contribution }: ResultBatch, from: number): string {
  const named = channels
    .map(({ name }, c) => ({ name, share: contribution[from + c] ?? 0 }))
    .filter(({ share }) => share >= leastShare)
    .sort((a, b) => b.share - a.share)
    .slice(0, mostNamed)
    .map(({ name, share }) => `${name} ${(100 * share).toFixed(0)} %`);
  return `not as learned: ${named.join(', ')}`;
}

function faults(channels: Told['channels'], { health }: ResultBatch, from: number): string[] {
  return channels.flatMap(({ name }, c) => {
    const state = healthStates[health[from + c] ?? 0] ?? 'pass';
    return state === 'pass' ? [] : [`${name} ${state}`];
  });
}
