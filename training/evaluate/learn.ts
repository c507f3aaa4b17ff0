/** The normal rows of a series -> a bundle, by `fit`, as a user would. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bundle, loadBundle } from '../../model/bundle.js';
import type { Clock } from '../../model/clock.js';
import { trainConfigSchema } from '../config.js';
import { fit } from '../fit.js';
import type { Progress } from '../progress.js';
import type { Series } from '../sets/series.js';
import type { LoadedTensorFlow } from '../tensorflow/load.js';
import type { Chain } from './chains.js';

export interface LearnOptions {
  readonly chain: Chain;
  readonly seed: number;
  readonly falseAlarmsPerAssetWeek: number;
  readonly tensorFlow: () => Promise<LoadedTensorFlow>;
  readonly progress: Progress;
  readonly clock: Clock;
}

/** The time of row 0: any instant that every period's grid holds. */
export const startMs = 0;

/** @param directory scratch, holds the recording and the bundle */
export async function learn(series: Series, directory: string, options: LearnOptions): Promise<Bundle> {
  const { chain, seed, falseAlarmsPerAssetWeek } = options;
  await writeFile(join(directory, 'normal.csv'), recordingOf(series));
  const config = trainConfigSchema.parse({
    seed,
    data: { files: 'normal.csv', asset: 'machine' },
    signals: series.channels,
    periodMs: series.periodMs,
    falseAlarmsPerAssetWeek,
    ...chain,
  });
  const output = join(directory, 'bundle');
  await fit({ ...options, config, directory, output });
  return loadBundle(output);
}

function recordingOf({ channels, values, fitRows, periodMs }: Series): string {
  const C = channels.length;
  const lines = [['time', ...channels].join(',')];
  for (let row = 0; row < fitRows; row++) {
    const time = new Date(startMs + row * periodMs).toISOString();
    lines.push(`${time},${values.subarray(row * C, (row + 1) * C).join(',')}`);
  }
  return `${lines.join('\n')}\n`;
}
