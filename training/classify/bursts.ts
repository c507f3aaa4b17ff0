/** Fault recordings as bursts of frames, each with its class, through the bundle as the daemon runs it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Bundle } from '../../model/bundle.js';
import { openSession } from '../../model/session.js';
import { judge } from '../bundle-run.js';
import { readStretches, type Stretch } from '../report/frames.js';
import { readTrainingLog } from '../training-log.js';
import { classifierGraph, type Parts } from './graph.js';
import type { Label } from './labels.js';

export interface Burst {
  readonly asset: string;
  /** Undefined: before anything was wrong. */
  readonly fault: string | undefined;
  /** [F] as the graph gives them. */
  readonly features: readonly number[];
}

/** Frames between the ends of two bursts, as a part of their length. */
const strideShare = 2;
/** Bursts of one call. */
const batch = 64;

export async function partsOf({ dir, manifest: { channels, detectors } }: Bundle): Promise<Parts> {
  const all = await Promise.all(
    detectors.map(async (manifest) => ({ manifest, onnx: await readFile(path.join(dir, manifest.file)) })),
  );
  const longest = Math.max(...detectors.map(({ window, warmupFrames }) => Math.max(window, warmupFrames + 1)));
  const sessions = await Promise.all(all.map(({ onnx }) => openSession(onnx)));
  const telling = all.filter((_, i) => sessions[i]?.outputNames.includes('residual'));
  await Promise.all(sessions.map((session) => session.close()));
  return { channels, detectors: telling, window: Math.max(32, 2 * longest) };
}

/** Bursts of faults count where the bundle alarms: nobody asks for the cause of less. Between a fault and the next one nothing counts: machines recover slowly. */
export async function readBursts(
  bundle: Bundle,
  parts: Parts,
  files: readonly string[],
  labels: readonly Label[],
): Promise<Burst[]> {
  const stretches = await readStretches(files, bundle.manifest, await readTrainingLog(bundle.dir));
  const verdicts = await judge(
    bundle,
    stretches.map(({ values }) => values),
  );
  const session = await openSession(classifierGraph(parts));
  const bursts: Burst[] = [];
  try {
    for (const [k, stretch] of stretches.entries()) {
      const chosen = choose(stretch, verdicts[k]?.severity ?? new Float32Array(0), parts.window, labels);
      for (let from = 0; from < chosen.length; from += batch) {
        const some = chosen.slice(from, from + batch);
        const { features } = await session.run({ x: inputOf(stretch, some, parts) });
        const F = (features?.length ?? 0) / some.length;
        some.forEach(({ fault }, i) => {
          bursts.push({
            asset: stretch.asset,
            fault,
            features: Array.from(features?.subarray(i * F, (i + 1) * F) ?? []),
          });
        });
      }
    }
  } finally {
    await session.close();
  }
  return bursts;
}

interface Chosen {
  /** The frame after the last. */
  readonly end: number;
  readonly fault: string | undefined;
}

function choose({ asset, timesMs }: Stretch, severity: Float32Array, W: number, labels: readonly Label[]): Chosen[] {
  const own = labels.filter((label) => label.asset === asset);
  const firstMs = Math.min(...own.map(({ startMs }) => startMs));
  const chosen: Chosen[] = [];
  for (let end = 2 * W; end <= timesMs.length; end += Math.max(1, Math.floor(W / strideShare))) {
    const [from, to] = [timesMs[end - W] as number, timesMs[end - 1] as number];
    const label = own.find(({ onsetMs, endMs }) => onsetMs <= from && to <= endMs);
    if (label !== undefined && (severity[end - 1] ?? 0) >= 1) chosen.push({ end, fault: label.fault });
    if (to < firstMs) chosen.push({ end, fault: undefined });
  }
  return chosen;
}

export function inputOf(
  { values }: Pick<Stretch, 'values'>,
  chosen: readonly Pick<Chosen, 'end'>[],
  { channels, window: W }: Parts,
) {
  const C = channels.length;
  const data = new Float32Array(chosen.length * W * C);
  chosen.forEach(({ end }, i) => {
    data.set(values.subarray((end - W) * C, end * C), i * W * C);
  });
  return { data, dims: [chosen.length, W, C] };
}
