/** Motors whose bearings are listened to: each sends a burst of acceleration now and then, as wireless vibration sensors do. */

import { UserError } from '../model/errors.js';
import { Random } from '../model/random.js';
import { readFault } from './fault-spec.js';
import type { Publication } from './publish.js';
import { type Course, severityAt } from './scenario.js';
import { type Truth, truthOf } from './truth.js';
import { Wander } from './wander.js';
import { type BearingDefect, bearingDefects, waveform } from './waveform.js';

export type BearingFault = Course & { readonly kind: 'machine'; readonly fault: BearingDefect };

export interface BearingRun {
  /** Same options, same bursts. */
  readonly seed: number;
  readonly assets: readonly string[];
  readonly startMs: number;
  readonly durationS: number;
  /** Seconds between two bursts of a motor. */
  readonly intervalS: number;
  readonly rateHz: number;
  readonly samples: number;
  readonly faults: readonly BearingFault[];
}

/** A burst as a sensor sends it. */
export interface Burst {
  readonly asset: string;
  readonly timeMs: number;
  readonly rpm: number;
  /** m/s2 */
  readonly samples: Float32Array;
}

/** `motor-1` ... `motor-n`. */
export function motors(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `motor-${i + 1}`);
}

/** `motor-1:outer-race@10m+5m-40m*0.5`, several joined by commas; `none` is none. @throws UserError */
export function parseBearingFaults(text: string, assets: readonly string[], durationS: number): BearingFault[] {
  if (text === 'none') return [];
  return text.split(',').map((item) => {
    const { fault, signal, ...course } = readFault(item.trim(), assets, durationS);
    const defect = bearingDefects.find((one) => one === fault);
    if (defect === undefined)
      throw new UserError(`no defect "${fault}".`, { key: '--faults' }, `Known: ${bearingDefects.join(', ')}.`);
    if (signal !== undefined)
      throw new UserError(`"${item}" names a signal.`, { key: '--faults' }, `A bearing's fault has none: ${fault}@...`);
    return { ...course, kind: 'machine', fault: defect };
  });
}

/** In order of time; motors take turns within an interval. */
export function* bursts(run: BearingRun): Generator<Burst, void, void> {
  const { seed, assets, startMs, durationS, intervalS, rateHz, samples, faults } = run;
  const units = assets.map((asset) => {
    const random = new Random(seed, asset, 'motor');
    return {
      asset,
      shaftHz: random.uniform(23, 26),
      imbalance: random.uniform(0.7, 1.3),
      misalignment: random.uniform(0.3, 0.5),
      resonanceHz: random.uniform(3500, 4500),
      noise: random.uniform(0.9, 1.1),
      load: new Wander(random, 600),
    };
  });
  for (let k = 0; k * intervalS < durationS; k++)
    for (const [i, { asset, load, ...unit }] of units.entries()) {
      const tS = (k + i / units.length) * intervalS;
      // Slip grows with load: a few per cent of the speed.
      const shaftHz = unit.shaftHz * (1 - 0.01 * load.step(intervalS));
      const fault = faults.find((one) => one.asset === asset && severityAt(one, tS) > 0);
      const defect = fault === undefined ? {} : { defect: fault.fault, severity: severityAt(fault, tS) };
      yield {
        asset,
        timeMs: startMs + Math.round(tS * 1000),
        rpm: Number((60 * shaftHz).toFixed(1)),
        samples: waveform({ ...unit, ...defect, seed: `${seed} ${asset} ${k}`, rateHz, samples, shaftHz }),
      };
    }
}

/** `{"ts": ms, "rpm": 1490.2, "samples": "<little-endian 32-bit floats in base64>"}` */
export function publicationOf({ asset, timeMs, rpm, samples }: Burst, topic: string): Publication {
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  return {
    topic: topic.replaceAll('{asset}', asset),
    payload: JSON.stringify({ ts: timeMs, rpm, samples: bytes.toString('base64') }),
  };
}

export function bearingTruth(run: BearingRun): Truth {
  return truthOf({ ...run, faults: run.faults.map((fault) => ({ ...fault, signals: [`vibration.${fault.fault}`] })) });
}
