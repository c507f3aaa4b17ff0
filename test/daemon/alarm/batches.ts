/** Result batches by hand: one frame at a time, what is not said is normal. */

import type { AlarmBundle } from '../../../daemon/alarm/asset.js';
import { type HealthState, healthStates, type Mode, modes, type ResultBatch } from '../../../model/frames.js';
import type { Channel } from '../../../model/manifest.js';
import { type Verdict, verdictCode } from '../../../model/suspicion.js';

export const startMs = Date.parse('2026-03-01T14:00:00Z');

export function channel(name: string, unit: string, scale: number): Channel {
  return { name, unit, scale, center: 0, health: { min: -1e9, max: 1e9, maxStep: 1e9, flatFrames: 0, flatRange: 0 } };
}

export const channels = [
  channel('vibration', 'mm/s', 0.3),
  channel('temperature', 'degC', 2),
  channel('flow', 'L/min', 1),
];

export function pumps(assets: readonly string[], own: Partial<AlarmBundle> = {}): AlarmBundle {
  return {
    name: 'pumps',
    version: '1',
    hash: 'ab'.repeat(32),
    channels,
    periodMs: 1000,
    lookbackMs: 5000,
    assets,
    ...own,
  };
}

export interface Frame {
  readonly slot?: number;
  readonly timeMs: number;
  readonly severity?: number;
  readonly instant?: number;
  readonly contribution?: readonly number[];
  readonly expected?: readonly number[];
  readonly actual?: readonly number[];
  readonly health?: readonly HealthState[];
  readonly mode?: Mode;
  readonly verdict?: Verdict;
  readonly suspect?: readonly number[];
  readonly explains?: readonly number[];
  readonly cause?: number;
  readonly certainty?: number;
}

export function batch(frames: readonly Frame[]): ResultBatch {
  const all = <T>(pick: (frame: Frame) => readonly T[] | undefined, normal: readonly T[]): T[] =>
    frames.flatMap((frame) => pick(frame) ?? normal);
  return {
    n: frames.length,
    slot: Int32Array.from(frames, (frame) => frame.slot ?? 0),
    timeMs: Float64Array.from(frames, (frame) => frame.timeMs),
    severity: Float32Array.from(frames, (frame) => frame.severity ?? 0),
    instant: Float32Array.from(frames, (frame) => frame.instant ?? frame.severity ?? 0),
    detector: Float32Array.from(frames, (frame) => frame.severity ?? 0),
    contribution: Float32Array.from(all((frame) => frame.contribution, [0.5, 0.25, 0.25])),
    expected: Float32Array.from(all((frame) => frame.expected, [2.1, 64, 10])),
    actual: Float32Array.from(all((frame) => frame.actual, [4.8, 71, 10])),
    health: Uint8Array.from(
      all((frame) => frame.health, ['pass', 'pass', 'pass'] as HealthState[]),
      (state) => healthStates.indexOf(state),
    ),
    mode: Uint8Array.from(frames, (frame) => modes.indexOf(frame.mode ?? 'steady')),
    verdict: Uint8Array.from(frames, (frame) => verdictCode[frame.verdict ?? 'none']),
    suspect: Uint8Array.from(all((frame) => frame.suspect, [0, 0, 0])),
    cause: Uint8Array.from(frames, (frame) => frame.cause ?? 0),
    certainty: Float32Array.from(frames, (frame) => frame.certainty ?? 0),
    explains: Float32Array.from(all((frame) => frame.explains, [Number.NaN, Number.NaN, Number.NaN])),
  };
}
