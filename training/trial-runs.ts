/** Runs graphs that are not in a bundle yet through the daemon's own health tests and `DetectorSession`. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DetectorOutputs, DetectorSession } from '../model/detector.js';
import { Health } from '../model/health.js';
import type { Channel, Manifest } from '../model/manifest.js';
import type { Segment } from '../model/segment.js';
import type { TrainConfig } from './config.js';
import type { TrainingFrames } from './data.js';
import { blankCalibration, graphFile, manifestOf, type NamedDetector } from './manifest.js';

/** One segment. */
export interface TrialRun {
  /** In the order of the detectors. */
  readonly outputs: readonly DetectorOutputs[];
  /** [n*C] what the detectors were given. */
  readonly values: Float32Array;
}

export interface TrialRuns {
  run(detectors: readonly NamedDetector[], segments: readonly Segment[]): Promise<TrialRun[]>;
  /** Of values [n*C] that were through the health tests already. */
  runMasked(detectors: readonly NamedDetector[], masked: readonly Float32Array[]): Promise<TrialRun[]>;
  close(): Promise<void>;
}

export async function openTrialRuns(
  frames: TrainingFrames,
  channels: readonly Channel[],
  config: TrainConfig,
): Promise<TrialRuns> {
  const dir = await mkdtemp(join(tmpdir(), 'anomalyd-train-'));
  const C = channels.length;
  const runMasked: TrialRuns['runMasked'] = async (detectors, masked) => {
    const blank = blankCalibration(detectors.length);
    const about = { backend: '', createdAtMs: 0, warnings: [] };
    const manifest = manifestOf(config, frames, channels, detectors, blank, about);
    const columns: DetectorOutputs[][] = [];
    for (const [d, { name, graph }] of detectors.entries()) {
      await writeFile(join(dir, graphFile(name)), graph.bytes);
      const detector = manifest.detectors[d] as Manifest['detectors'][number];
      const session = await DetectorSession.open({ dir, manifest, golden: [], hash: '' }, detector);
      try {
        const column: DetectorOutputs[] = [];
        for (const values of masked) column.push(await session.sequence(values, values.length / C));
        columns.push(column);
      } finally {
        await session.close();
      }
    }
    return masked.map((values, s) => ({
      outputs: columns.map((column) => column[s] as DetectorOutputs),
      values,
    }));
  };
  return {
    run: (detectors, segments) =>
      runMasked(
        detectors,
        segments.map((segment) => maskUnhealthy(segment, channels)),
      ),
    runMasked,
    close: () => rm(dir, { recursive: true, force: true }),
  };
}

/** What the daemon would hand to the detectors. */
function maskUnhealthy({ values, timesMs }: Segment, channels: readonly Channel[]): Float32Array {
  const health = new Health(channels);
  health.ensure(1);
  const masked = new Float32Array(values.length);
  const states = new Uint8Array(values.length);
  for (let row = 0; row < timesMs.length; row++) health.check(0, row, values, masked, states);
  return masked;
}
