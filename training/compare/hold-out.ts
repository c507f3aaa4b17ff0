/** The last frames of every machine, kept from a comparison's training so that all recipes are judged on what none has seen. */
import type { Segment } from '../../model/segment.js';
import type { TrainingFrames } from '../data.js';
import { countFrames, cut } from '../split.js';

export interface HeldOut {
  /** The same, but that the calibration part ends earlier. */
  readonly learn: TrainingFrames;
  /** In the order of time, machine by machine. */
  readonly trial: readonly Segment[];
}

/** Share of the calibration part that is kept back. */
const trialShare = 0.4;

/** @param gap frames between the two that go to neither: neighbours in time are alike */
export function holdOut(frames: TrainingFrames, gap: number): HeldOut {
  const C = frames.signals.length;
  const parts = frames.byAsset.map((own) => {
    const n = countFrames(own.calibrate);
    const from = Math.round(n * (1 - trialShare));
    return {
      own: { ...own, calibrate: cut(own.calibrate, 0, from, C) },
      trial: cut(own.calibrate, Math.min(n, from + gap), n, C),
    };
  });
  const byAsset = parts.map(({ own }) => own);
  return {
    learn: { ...frames, byAsset, calibrate: byAsset.flatMap(({ calibrate }) => calibrate) },
    trial: parts.flatMap(({ trial }) => trial),
  };
}
