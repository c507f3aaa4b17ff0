import { Episodes } from './episodes.js';
import { modeCode } from './frames.js';
import { surprise } from './tail.js';
import { Tracker } from './tracking.js';
/** Below the `clearAt` that alarms have by default: after a return the alarm may end. */
const quietSeverity = 0.79;
/** Not yet an alarm, whatever the newest frame says. */
const almost = 0.999;
/** Logarithms of smaller surprises say no more. */
const leastSurprise = 1e-3;
/**
 * Each detector's whitened tracked average becomes a surprise; severity is their geometric mean over the alarm level, so that detectors must agree: one that is
 * sure alone does not carry the others. `instant` is that; `severity` is at least 1 while an episode lasts, and below 1 outside.
 */
export class TrackingScorer {
    options;
    trackers;
    episodes;
    deviation;
    channels;
    constructor(options) {
        this.options = options;
        const { detectors, episodes, persistence, scale } = options;
        this.channels = scale.length;
        this.trackers = detectors.map((tracking) => new Tracker(tracking, episodes.freezeAt, episodes.settleGain, episodes.holdFrames));
        this.deviation = new Float64Array(detectors.length * this.channels);
        this.episodes = new Episodes(episodes, persistence, this.deviation.length);
    }
    ensure(slots) {
        for (const tracker of this.trackers)
            tracker.ensure(slots);
        this.episodes.ensure(slots);
    }
    reset(slot) {
        for (const tracker of this.trackers)
            tracker.reset(slot);
        this.episodes.reset(slot);
    }
    step(slot, row, outputs, known, into, values) {
        const { trackers, channels: C, options } = this;
        const D = trackers.length;
        const at = row * C;
        let sum = 0;
        let ready = 0;
        into.contribution.fill(0, at, at + C);
        this.deviation.fill(0);
        for (let d = 0; d < D; d++) {
            const output = outputs[d];
            into.detector[row * D + d] = 0;
            if (output.ready[row] === 0 || known === 0)
                continue;
            const tracker = trackers[d];
            const statistic = tracker.observe(slot, { residual: output.residual, values, at });
            const own = surprise(options.detectors[d].table, statistic) / options.alarmLevel;
            into.detector[row * D + d] = own;
            sum += Math.log(Math.max(own, leastSurprise));
            ready++;
            this.deviation.set(tracker.deviation, d * C);
            if (statistic > 0)
                for (let c = 0; c < C; c++)
                    addTo(into.contribution, at + c, tracker.squares[c] / statistic);
        }
        this.expect(slot, row, outputs, into);
        into.mode[row] = known === 0 ? modeCode['no-data'] : ready === 0 ? modeCode['warm-up'] : modeCode.steady;
        if (ready === 0) {
            into.severity[row] = into.instant[row] = 0;
            return;
        }
        for (let c = 0; c < C; c++)
            into.contribution[at + c] = into.contribution[at + c] / ready;
        const instant = Math.exp(sum / ready);
        const phase = this.episodes.step(slot, instant, this.deviation);
        for (let d = 0; d < D; d++) {
            if (outputs[d].ready[row] === 0)
                continue;
            const tracker = trackers[d];
            if (phase === 'returned')
                tracker.rebase(slot);
            else
                tracker.follow(slot, phase === 'normal' ? 'slow' : phase);
        }
        const quiet = this.episodes.isQuiet(slot);
        into.instant[row] = quiet ? Math.min(instant, quietSeverity) : instant;
        into.severity[row] =
            phase === 'alarm' ? Math.max(1, instant) : Math.min(instant, quiet ? quietSeverity : almost);
    }
    /** The expectation of the first detector that is ready, moved by the baseline. */
    expect(slot, row, outputs, into) {
        const { channels: C } = this;
        const d = Math.max(0, outputs.findIndex(({ ready }) => ready[row] === 1));
        const { expected } = outputs[d];
        const tracker = this.trackers[d];
        for (let c = 0; c < C; c++)
            into.expected[row * C + c] =
                expected[row * C + c] + tracker.offset(slot, c) * this.options.scale[c];
    }
}
function addTo(array, i, value) {
    array[i] = array[i] + value;
}
//# sourceMappingURL=tracking-scoring.js.map