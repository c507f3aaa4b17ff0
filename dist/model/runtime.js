import { DetectorSession } from './detector.js';
import { Health } from './health.js';
import { levelOf } from './level.js';
import { scoringStage } from './stage.js';
export class BundleRuntime {
    bundle;
    sessions;
    alarmLevel;
    /** Channel names, in the order of the frames' columns. */
    channels;
    /** Detector names, in the order of `ResultBatch.detector`. */
    detectors;
    health;
    scorer;
    slots = 0;
    masked = new Float32Array(0);
    known = new Int32Array(0);
    outputs = [];
    constructor(bundle, sessions, 
    /** -ln p at severity 1. */
    alarmLevel) {
        this.bundle = bundle;
        this.sessions = sessions;
        this.alarmLevel = alarmLevel;
        const { channels, detectors } = bundle.manifest;
        this.channels = channels.map(({ name }) => name);
        this.detectors = detectors.map(({ name }) => name);
        this.health = new Health(channels);
        this.scorer = scoringStage(bundle.manifest, alarmLevel);
    }
    /** Opens the graphs and runs the golden vectors. @throws UserError */
    static async open(bundle, options = {}) {
        const { manifest, golden } = bundle;
        const sessions = [];
        try {
            for (const detector of manifest.detectors) {
                const session = await DetectorSession.open(bundle, detector);
                sessions.push(session);
                await session.selfTest(golden);
            }
        }
        catch (error) {
            await Promise.all(sessions.map((session) => session.close()));
            throw error;
        }
        const budget = options.falseAlarmsPerAssetWeek ?? manifest.falseAlarmsPerAssetWeek;
        return new BundleRuntime(bundle, sessions, levelOf(manifest, budget));
    }
    /** Results are fresh arrays, the caller's to keep or transfer. One call at a time. */
    async score(batch) {
        const { n, slot, reset, values } = batch;
        const C = this.channels.length;
        const D = this.detectors.length;
        const result = {
            n,
            slot: slot.slice(0, n),
            timeMs: batch.timeMs.slice(0, n),
            severity: new Float32Array(n),
            instant: new Float32Array(n),
            detector: new Float32Array(n * D),
            contribution: new Float32Array(n * C),
            expected: new Float32Array(n * C),
            actual: values.slice(0, n * C),
            health: new Uint8Array(n * C),
            mode: new Uint8Array(n),
        };
        if (n === 0)
            return result;
        this.reserve(batch);
        for (let i = 0; i < n; i++) {
            const s = slot[i];
            if (reset[i] === 1)
                this.forget(s);
            this.known[i] = this.health.check(s, i, values, this.masked, result.health);
        }
        for (let d = 0; d < D; d++) {
            this.outputs[d] = await this.sessions[d].step(n, slot, this.masked);
        }
        for (let i = 0; i < n; i++) {
            this.scorer.step(slot[i], i, this.outputs, this.known[i], result, this.masked);
        }
        return result;
    }
    /** Clears all memory of a slot, for another asset to take. */
    forget(slot) {
        if (slot >= this.slots)
            return;
        this.health.reset(slot);
        this.scorer.reset(slot);
        for (const session of this.sessions)
            session.reset(slot);
    }
    async close() {
        await Promise.all(this.sessions.map((session) => session.close()));
    }
    reserve({ n, slot }) {
        let slots = 0;
        for (let i = 0; i < n; i++)
            slots = Math.max(slots, slot[i] + 1);
        if (slots > this.slots) {
            this.slots = Math.max(slots, 2 * this.slots);
            this.health.ensure(this.slots);
            this.scorer.ensure(this.slots);
            for (const session of this.sessions)
                session.ensure(this.slots);
        }
        if (n > this.known.length) {
            this.known = new Int32Array(n);
            this.masked = new Float32Array(n * this.channels.length);
        }
    }
}
//# sourceMappingURL=runtime.js.map