/** Ground truth of a run, as JSON. */
import { faultSignals, reachesS } from './scenario.js';
/** Share of the final severity that counts as onset. */
const onsetShare = 0.1;
/** Truth of a run; faults numbered in order of their start. */
export function groundTruth(run) {
    const iso = (seconds) => new Date(run.startMs + Math.round(seconds * 1000)).toISOString();
    return {
        assets: run.assets,
        from: iso(0),
        to: iso(run.durationS),
        faults: [...run.scenario]
            .sort((a, b) => a.startS - b.startS)
            .map((fault, i) => ({
            id: `${fault.asset}/${fault.fault}/${i + 1}`,
            asset: fault.asset,
            kind: fault.kind,
            fault: fault.fault,
            signals: faultSignals(fault),
            start: iso(fault.startS),
            onset: iso(fault.growthS > 0 ? reachesS(fault, onsetShare) : fault.startS),
            end: iso(Math.min(fault.endS, run.durationS)),
        })),
    };
}
