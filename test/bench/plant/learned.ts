/** A bundle that has learned healthy simulated pumps. */
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { type Bundle, loadBundle } from '../../../model/bundle.js';
import { systemClock } from '../../../model/clock.js';
import { simulate } from '../../../simulator/plant.js';
import { signalNames } from '../../../simulator/signals.js';
import { trainConfigSchema } from '../../../training/config.js';
import { fit } from '../../../training/fit.js';
import { type Progress, silent } from '../../../training/progress.js';
import { loadTensorFlow } from '../../../training/tensorflow/load.js';

export interface Lesson {
  readonly seed: number;
  readonly assets: readonly string[];
  readonly startMs: number;
  readonly durationS: number;
  readonly periodMs: number;
  readonly detectors: readonly string[];
  /** Recording and bundle are written there. */
  readonly dir: string;
  readonly progress?: Progress;
}

export async function learn(lesson: Lesson): Promise<Bundle> {
  const { seed, assets, startMs, durationS, periodMs, detectors, dir, progress = silent } = lesson;
  const file = createWriteStream(path.join(dir, 'normal.csv'));
  file.write(`time,asset,${signalNames.join(',')}\n`);
  let lines: string[] = [];
  for (const { asset, timeMs, values } of simulate({ seed, assets, rateHz: 1000 / periodMs, startMs, durationS })) {
    lines.push(`${timeMs},${asset},${signalNames.map((name) => values[name] ?? '').join(',')}\n`);
    if (lines.length < 10_000) continue;
    file.write(lines.join(''));
    lines = [];
  }
  file.end(lines.join(''));
  await finished(file);
  const config = trainConfigSchema.parse({
    seed,
    data: { files: 'normal.csv' },
    signals: [...signalNames],
    periodMs,
    detectors,
  });
  const output = path.join(dir, 'bundle');
  const tensorFlow = () => loadTensorFlow({ progress });
  await fit({ config, directory: dir, output, tensorFlow, progress: silent, clock: systemClock });
  return loadBundle(output);
}
