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

/** Share of the calibration part that is kept back; more of short ones, as a fault needs room. */
const trialShare = 0.4;
const mostTrialShare = 0.6;
/** Of the calibration part at most, what goes to neither. */
const gapShare = 0.1;

/**
 * @param span frames between the two that go to neither, where there are so many: neighbours in time are alike
 * @param needed frames of a trial in which a fault can be told
 */
export function holdOut(frames: TrainingFrames, span: number, needed: number): HeldOut {
  const C = frames.signals.length;
  const parts = frames.byAsset.map((own) => {
    const n = countFrames(own.calibrate);
    const gap = Math.min(span, Math.round(n * gapShare));
    const kept = Math.max(n * trialShare, Math.min(n * mostTrialShare, gap + needed));
    const from = Math.round(n - kept);
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
