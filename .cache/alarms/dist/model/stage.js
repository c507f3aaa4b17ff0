import { Scorer } from './scoring.js';
import { TrackingScorer } from './tracking-scoring.js';
/** @param alarmLevel -ln p at severity 1 */
export function scoringStage(manifest, alarmLevel) {
    const { channels, detectors, persistence, episodes } = manifest;
    if (episodes === undefined)
        return new Scorer({
            channels: channels.length,
            detectors: detectors.map(({ calibration }) => calibration),
            persistence,
            alarmLevel,
        });
    return new TrackingScorer({
        scale: channels.map(({ scale }) => scale),
        // The schema has seen to it that all have one.
        detectors: detectors.map(({ calibration }) => calibration.tracking),
        persistence,
        episodes,
        alarmLevel,
    });
}
//# sourceMappingURL=stage.js.map