/** A bundle run over stretches of frames as the daemon runs it: verdicts of the whole, outputs of each detector. */
import type { Bundle } from '../model/bundle.js';
import { type DetectorOutputs, DetectorSession } from '../model/detector.js';
import type { ResultBatch } from '../model/frames.js';
import { BundleRuntime } from '../model/runtime.js';

/** [n] severity and [n*C] health of one stretch. */
export interface Verdict {
  readonly severity: Float32Array;
  /** Share of each signal in the evidence. */
  readonly contribution: Float32Array;
  readonly health: Uint8Array;
}

/** Stretches go side by side, one slot each, as machines do in the daemon. */
export async function judge(bundle: Bundle, stretches: readonly Float32Array[]): Promise<Verdict[]> {
  const C = bundle.manifest.channels.length;
  const runtime = await BundleRuntime.open(bundle);
  try {
    const verdicts = stretches.map((values) => ({
      severity: new Float32Array(values.length / C),
      contribution: new Float32Array(values.length),
      health: new Uint8Array(values.length),
    }));
    const longest = Math.max(0, ...verdicts.map(({ severity }) => severity.length));
    for (let row = 0; row < longest; row++) {
      const slots = stretches.flatMap((values, slot) => (row * C < values.length ? [slot] : []));
      const values = new Float32Array(slots.length * C);
      slots.forEach((slot, i) => {
        values.set((stretches[slot] as Float32Array).subarray(row * C, (row + 1) * C), i * C);
      });
      const result = await runtime.score({
        n: slots.length,
        slot: Int32Array.from(slots),
        timeMs: new Float64Array(slots.length).fill(row * bundle.manifest.periodMs),
        reset: new Uint8Array(slots.length).fill(row === 0 ? 1 : 0),
        values,
      });
      slots.forEach((slot, i) => {
        keep(verdicts[slot] as Verdict, row, result, i, C);
      });
    }
    return verdicts;
  } finally {
    await runtime.close();
  }
}

function keep(verdict: Verdict, row: number, result: ResultBatch, i: number, C: number): void {
  verdict.severity[row] = result.severity[i] as number;
  verdict.contribution.set(result.contribution.subarray(i * C, (i + 1) * C), row * C);
  verdict.health.set(result.health.subarray(i * C, (i + 1) * C), row * C);
}

/** Outputs by detector, then by stretch. */
export async function runDetectors(bundle: Bundle, stretches: readonly Float32Array[]): Promise<DetectorOutputs[][]> {
  const C = bundle.manifest.channels.length;
  const all: DetectorOutputs[][] = [];
  for (const detector of bundle.manifest.detectors) {
    const session = await DetectorSession.open(bundle, detector);
    try {
      const outputs: DetectorOutputs[] = [];
      for (const values of stretches) outputs.push(await session.sequence(values, values.length / C));
      all.push(outputs);
    } finally {
      await session.close();
    }
  }
  return all;
}
