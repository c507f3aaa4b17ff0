/** The manifest of a bundle in the making. */

import { sha256 } from '../model/bundle.js';
import type { Calibration } from '../model/calibrate.js';
import { learnHealthLimits } from '../model/limits.js';
import { type Channel, type Manifest, manifestSchemaVersion } from '../model/manifest.js';
import { signalName } from '../model/signal-name.js';
import type { TrainConfig } from './config.js';
import type { TrainingFrames } from './data.js';
import type { DetectorGraph } from './graph/index.js';
import type { Trained } from './recipes/recipe.js';
import { countFrames } from './split.js';

/** A trained detector with its final graph. */
export interface NamedDetector {
  readonly name: string;
  readonly recipe: string;
  readonly trained: Trained;
  readonly graph: DetectorGraph;
}

/** Channels with the scaler and the limits of healthy sensors. */
export function channelsOf({ signals, scaler, fit, validate, calibrate }: TrainingFrames): Channel[] {
  const limits = learnHealthLimits(
    [...fit, ...validate, ...calibrate].map(({ values }) => values),
    signals.length,
  );
  return signals.map(({ name, column, unit, description }, c) => ({
    name,
    ...(column === undefined || signalName(column) === name ? {} : { column }),
    unit,
    ...(description === undefined ? {} : { description }),
    scale: scaler.scale[c] as number,
    center: scaler.center[c] as number,
    health: limits[c] as Channel['health'],
  }));
}

/** A calibration that says nothing, to open graphs with before there is one. */
export function blankCalibration(detectors: number): Calibration {
  const table = { n: 0, body: [0, 1], threshold: 1, rate: 0.5, shape: 0, scale: 1 };
  return {
    detectors: Array.from({ length: detectors }, () => ({ score: table })),
    persistence: { of: 1, need: 1 },
    alarm: { frames: 0, peaks: 0, threshold: 0, peaksPerWeek: 1, shape: 0, scale: 1 },
    warnings: [],
  };
}

export function manifestOf(
  config: TrainConfig,
  frames: TrainingFrames,
  channels: readonly Channel[],
  detectors: readonly NamedDetector[],
  calibration: Calibration,
  about: { readonly backend: string; readonly createdAtMs: number; readonly warnings: readonly string[] },
): Manifest {
  const parts = [...frames.fit, ...frames.validate, ...frames.calibrate];
  const from = Math.min(...parts.map(({ timesMs }) => timesMs[0] ?? 0));
  const to = Math.max(...parts.map(({ timesMs }) => timesMs.at(-1) ?? 0));
  return {
    schemaVersion: manifestSchemaVersion,
    name: config.name,
    version: config.version,
    createdAt: isoTime(about.createdAtMs),
    channels: [...channels],
    periodMs: frames.periodMs,
    holdMs: frames.holdMs,
    detectors: detectors.map(({ name, recipe, trained, graph }, i) => ({
      name,
      recipe,
      kind: trained.kind,
      task: trained.task,
      file: graphFile(name),
      sha256: sha256(graph.bytes),
      window: trained.window,
      stateSize: graph.stateSize,
      warmupFrames: trained.warmupFrames,
      opset: graph.opset,
      parameters: trained.parameters,
      calibration: calibration.detectors[i] as Calibration['detectors'][number],
    })),
    persistence: calibration.persistence,
    alarm: calibration.alarm,
    ...(calibration.cusum === undefined ? {} : { cusum: calibration.cusum }),
    ...(calibration.modes === undefined ? {} : { modes: calibration.modes }),
    ...(calibration.episodes === undefined ? {} : { episodes: calibration.episodes }),
    ...(calibration.energy === undefined ? {} : { energy: calibration.energy }),
    falseAlarmsPerAssetWeek: config.falseAlarmsPerAssetWeek,
    training: {
      seed: config.seed,
      backend: about.backend,
      assets: [...frames.assets],
      from: isoTime(from),
      to: isoTime(to),
      frames: {
        fit: countFrames(frames.fit),
        validate: countFrames(frames.validate),
        calibrate: countFrames(frames.calibrate),
      },
      sources: frames.sources.map((source) => ({ ...source })),
      losses: Object.fromEntries(detectors.map(({ name, trained }) => [name, { ...trained.losses }])),
      warnings: [...about.warnings],
    },
  };
}

export const graphFile = (detector: string): string => `${detector}.onnx`;

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
