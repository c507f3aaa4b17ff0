/** Ground truth of a run, as JSON. */
import { type Fault, faultSignals, reachesS, type Scenario } from './scenario.js';

/**
 * What was wrong, and when; times are ISO 8601, UTC.
 *
 * `start`: the first effect, too small to see for a fault that grows. `onset`: it has reached a tenth of its final severity, the earliest
 * time at which anybody could be blamed for not seeing it; equals `start` for faults that come at once. `end`: repaired.
 * `signals`: those that show it, the clearest first.
 */
export interface TruthFault {
  readonly id: string;
  readonly asset: string;
  readonly kind: Fault['kind'];
  readonly fault: Fault['fault'];
  readonly signals: readonly string[];
  readonly start: string;
  readonly onset: string;
  readonly end: string;
}

export interface Truth {
  readonly assets: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly faults: readonly TruthFault[];
}

/** Share of the final severity that counts as onset. */
const onsetShare = 0.1;

/** Truth of a run; faults numbered in order of their start. */
export function groundTruth(run: {
  readonly assets: readonly string[];
  readonly startMs: number;
  readonly durationS: number;
  readonly scenario: Scenario;
}): Truth {
  const iso = (seconds: number): string => new Date(run.startMs + Math.round(seconds * 1000)).toISOString();
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
