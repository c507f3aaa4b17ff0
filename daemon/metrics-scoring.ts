/** Metrics of the way of frames through the scoring thread. */
import { type Declaration, declare, perBundle } from './metrics-declaration.js';

export const scoringMetrics: readonly Declaration[] = [
  declare(
    'counter',
    'frames_total',
    ['bundle'],
    'Frames made of readings.',
    perBundle((bundle) => bundle.lane.frames),
  ),
  declare(
    'counter',
    'frames_scored_total',
    ['bundle'],
    'Frames scored by all detectors of their bundle.',
    perBundle((bundle) => bundle.lane.scored),
  ),
  declare(
    'counter',
    'frames_dropped_total',
    ['bundle', 'reason'],
    'Frames not scored. overload: gave way to a newer frame of their asset; restart: under way when the scoring thread died.',
    function* ({ bundles }) {
      for (const { name, lane } of bundles)
        for (const [reason, dropped] of Object.entries(lane.dropped)) yield [dropped, name, reason];
    },
  ),
  declare(
    'gauge',
    'frames_underway',
    ['bundle'],
    'Frames whose results are not back.',
    perBundle((bundle) => bundle.lane.underway),
  ),
  declare(
    'histogram',
    'inference_duration_seconds',
    ['bundle'],
    'Time to score one batch of frames.',
    perBundle((bundle) => bundle.lane.inferenceS),
  ),
  declare(
    'histogram',
    'batch_frames',
    ['bundle'],
    'Frames scored in one batch.',
    perBundle((bundle) => bundle.lane.batchSize),
  ),
  declare(
    'histogram',
    'latency_seconds',
    ['bundle'],
    'From the arrival of the reading that completed a frame to its result.',
    perBundle((bundle) => bundle.latencyS),
  ),
];
