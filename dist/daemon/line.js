/** One bundle at work: readings in, through alignment and the worker, results out. */
import { Aligner } from '../model/align.js';
import { Histogram } from './engine-histogram.js';
import { Latest } from './latest.js';
const latencyBoundsS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** Silence longer than this many frames clears an asset's memory, where the config does not say. */
export const defaultGapFrames = 10;
export class Line {
    options;
    latest;
    latencyS = new Histogram(latencyBoundsS);
    aligner;
    arrivalMs = 0;
    opened;
    constructor(options) {
        this.options = options;
        const { channels, detectors, periodMs, holdMs } = options.bundle.manifest;
        const { latenessMs, maxFutureMs } = options.alignment;
        this.latest = new Latest(channels.length, detectors.length);
        this.aligner = new Aligner({ channels: channels.length, periodMs, holdMs, latenessMs, maxFutureMs, maxGapMs: maxGapMs(options) }, (slot, timeMs, values, reset) => this.lane.push(slot, timeMs, values, reset, this.arrivalMs));
    }
    /** Opens the bundle in the worker. @throws UserError when it does not hold */
    static async open(options) {
        const { engine, bundle, config } = options;
        const line = new Line(options);
        const { falseAlarmsPerAssetWeek } = config;
        const laneOptions = {
            maxGapMs: maxGapMs(options),
            ...(falseAlarmsPerAssetWeek !== undefined && { falseAlarmsPerAssetWeek }),
        };
        line.opened = await engine.open(bundle, laneOptions, (results) => line.receive(results));
        return line;
    }
    get lane() {
        if (this.opened === undefined)
            throw new Error('the line is not open');
        return this.opened;
    }
    /** One reading; `nowMs` by the wall clock, `arrivalMs` monotonic. */
    add(slot, channel, timeMs, value, nowMs, arrivalMs) {
        this.arrivalMs = arrivalMs;
        return this.aligner.add(slot, channel, timeMs, value, nowMs);
    }
    /** Lets frames go that have waited long enough for their readings. */
    tick(nowMs, arrivalMs) {
        this.arrivalMs = arrivalMs;
        this.aligner.tick(nowMs);
    }
    /** Lets all frames go, for the end. */
    flush(arrivalMs) {
        this.arrivalMs = arrivalMs;
        this.aligner.flush();
    }
    close() {
        if (this.opened !== undefined)
            this.options.engine.close(this.opened);
    }
    /** True when a line opened with the other options would do the same, so that this one can go on. */
    serves(config, alignment, bundle) {
        const { options } = this;
        return (bundle.hash === options.bundle.hash &&
            bundle.dir === options.bundle.dir &&
            JSON.stringify([config, alignment]) === JSON.stringify([options.config, options.alignment]));
    }
    receive(results) {
        const now = this.options.clock.monotonic();
        for (let i = 0; i < results.n; i++)
            this.latencyS.observe((now - (results.arrivalMs[i] ?? now)) / 1000);
        // Severities are put in units of the asset's own alarm level there; what is kept as the latest must say the same.
        this.options.onResults(this, results);
        this.latest.note(results);
    }
}
function maxGapMs({ alignment, bundle }) {
    return alignment.maxGapMs ?? defaultGapFrames * bundle.manifest.periodMs;
}
//# sourceMappingURL=line.js.map