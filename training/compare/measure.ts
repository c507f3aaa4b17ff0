/** What a bundle of one detector does on normal frames that nothing was fitted to, and with faults put into them. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from '../../model/bundle.js';
import type { Clock } from '../../model/clock.js';
import { type DetectorOutputs, DetectorSession } from '../../model/detector.js';
import type { Segment } from '../../model/segment.js';
import { judge, runDetectors } from '../bundle-run.js';
import { type Fault, faultKinds } from '../injection/faults.js';
import { type InjectionPlan, inject } from '../injection/inject.js';
import { median } from '../scaler.js';

export interface Figures {
  /** Root mean square of measured minus expected, in normal spreads: comparable between recipes, as losses are not. */
  readonly error: number;
  /** Of normal frames past warm-up; 1 is an alarm. */
  readonly severity: { readonly median: number; readonly p99: number; readonly most: number };
  /** Alarms on normal frames, and machine-days that they were counted in. */
  readonly falseAlarms: number;
  readonly machineDays: number;
  readonly injections: {
    readonly places: number;
    /** Injected faults at places that do not alarm without one. */
    readonly tried: number;
    /** Share of them that alarm, */
    readonly caught: number;
    readonly byKind: Readonly<Record<Fault['kind'], number>>;
    /** or whose sensor the health tests name. */
    readonly sensorNamed: number;
    /** Share of the alarms whose strongest evidence is the spoiled signal. */
    readonly blamed: number;
    /** Median of the medians of each fault, frames. */
    readonly delayFrames: number;
  };
  /** Of the graph alone, one thread: one frame of one machine, and of 64 machines in one call, a frame. */
  readonly msPerFrame: number;
  readonly batchedMsPerFrame: number;
  readonly bytes: number;
}

export async function measure(
  bundle: Bundle,
  trial: readonly Segment[],
  plan: InjectionPlan,
  clock: Clock,
): Promise<Figures> {
  const { channels, detectors, periodMs, persistence } = bundle.manifest;
  const C = channels.length;
  const stretches = trial.map(({ values }) => values);
  const warmup = Math.max(...detectors.map(({ warmupFrames }) => warmupFrames)) + persistence.of;
  const severities = (await judge(bundle, stretches)).map(({ severity }) => severity.subarray(warmup));
  const sorted = Float64Array.from(severities.flatMap((values) => [...values])).sort();
  const quantile = (q: number) => sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
  const [outputs = []] = await runDetectors(bundle, stretches);
  return {
    error: errorOf(
      outputs,
      stretches,
      C,
      channels.map(({ scale }) => scale),
    ),
    severity: { median: quantile(0.5), p99: quantile(0.99), most: quantile(1) },
    falseAlarms: severities.reduce((sum, values) => sum + rises(values), 0),
    machineDays: (sorted.length * periodMs) / 86_400_000,
    injections: await summarise(bundle, stretches, plan),
    ...(await timeGraph(bundle, stretches, clock)),
  };
}

function errorOf(
  outputs: readonly DetectorOutputs[],
  stretches: readonly Float32Array[],
  C: number,
  scale: readonly number[],
): number {
  let [sum, n] = [0, 0];
  outputs.forEach(({ expected, ready }, s) => {
    stretches[s]?.forEach((value, i) => {
      const error = (value - (expected[i] as number)) / (scale[i % C] as number);
      if (ready[Math.floor(i / C)] !== 1 || Number.isNaN(error)) return;
      sum += error ** 2;
      n++;
    });
  });
  return Math.sqrt(sum / n);
}

function rises(severity: Float32Array): number {
  return severity.reduce((sum, value, i) => sum + (value >= 1 && !((severity[i - 1] ?? 0) >= 1) ? 1 : 0), 0);
}

async function summarise(
  bundle: Bundle,
  stretches: readonly Float32Array[],
  plan: InjectionPlan,
): Promise<Figures['injections']> {
  const { caught, places } = await inject(bundle, stretches, plan);
  const total = (count: (one: (typeof caught)[number]) => number, among = caught) =>
    among.reduce((sum, one) => sum + count(one), 0);
  const [tried, alarmed] = [total((one) => one.tried), total((one) => one.alarmed)];
  return {
    places,
    tried,
    caught: alarmed / tried,
    byKind: Object.fromEntries(
      faultKinds.map((kind) => {
        const own = caught.filter((one) => one.kind === kind);
        return [kind, total((one) => one.alarmed, own) / total((one) => one.tried, own)];
      }),
    ) as Figures['injections']['byKind'],
    sensorNamed: total((one) => one.sensorNamed) / tried,
    blamed: total((one) => one.blamed) / alarmed,
    delayFrames: median(Float64Array.from(caught.flatMap(({ delay }) => (Number.isNaN(delay) ? [] : [delay])))),
  };
}

const timedCalls = 200;
const batch = 64;

async function timeGraph(
  bundle: Bundle,
  stretches: readonly Float32Array[],
  clock: Clock,
): Promise<Pick<Figures, 'msPerFrame' | 'batchedMsPerFrame' | 'bytes'>> {
  const C = bundle.manifest.channels.length;
  const [detector] = bundle.manifest.detectors;
  if (detector === undefined) throw new Error('a bundle without detectors');
  const session = await DetectorSession.open(bundle, detector);
  try {
    const frame = stretches[0]?.slice(0, C) ?? new Float32Array(C);
    const time = async (n: number): Promise<number> => {
      session.ensure(n);
      const slots = Int32Array.from({ length: n }, (_, i) => i);
      const values = Float32Array.from({ length: n * C }, (_, i) => frame[i % C] as number);
      const times = new Float64Array(timedCalls);
      for (let i = 0; i < timedCalls; i++) {
        const startMs = clock.monotonic();
        await session.step(n, slots, values);
        times[i] = (clock.monotonic() - startMs) / n;
      }
      return median(times);
    };
    const { size } = await stat(join(bundle.dir, detector.file));
    return { msPerFrame: await time(1), batchedMsPerFrame: await time(batch), bytes: size };
  } finally {
    await session.close();
  }
}
