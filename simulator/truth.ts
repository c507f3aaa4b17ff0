/** Ground truth of a run, as JSON. */
import { writeFileSync } from 'node:fs';
import { UserError } from '../model/errors.js';
import { type Course, type Fault, faultSignals, reachesS, type Scenario } from './scenario.js';

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
  readonly fault: string;
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

/** A run of any simulated machines. */
export interface TruthRun {
  readonly assets: readonly string[];
  readonly startMs: number;
  readonly durationS: number;
  readonly faults: readonly (Course & Pick<TruthFault, 'kind' | 'fault' | 'signals'>)[];
}

/** Truth of a run of pumps. */
export function groundTruth({ scenario, ...run }: Omit<TruthRun, 'faults'> & { readonly scenario: Scenario }): Truth {
  return truthOf({ ...run, faults: scenario.map((fault) => ({ ...fault, signals: faultSignals(fault) })) });
}

/** Faults are numbered in order of their start. */
export function truthOf(run: TruthRun): Truth {
  const iso = (seconds: number): string => new Date(run.startMs + Math.round(seconds * 1000)).toISOString();
  return {
    assets: run.assets,
    from: iso(0),
    to: iso(run.durationS),
    faults: [...run.faults]
      .sort((a, b) => a.startS - b.startS)
      .map((fault, i) => ({
        id: `${fault.asset}/${fault.fault}/${i + 1}`,
        asset: fault.asset,
        kind: fault.kind,
        fault: fault.fault,
        signals: fault.signals,
        start: iso(fault.startS),
        onset: iso(fault.growthS > 0 ? reachesS(fault, onsetShare) : fault.startS),
        end: iso(Math.min(fault.endS, run.durationS)),
      })),
  };
}

/** @throws UserError where the file can't be written */
export function writeTruth(truth: Truth, file: string | undefined): void {
  if (file === undefined) return;
  try {
    writeFileSync(file, `${JSON.stringify(truth, null, 2)}\n`);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(`can't write the ground truth: ${why}.`, { file }, 'Name a writable file.', { cause });
  }
}
