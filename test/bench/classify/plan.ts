/** Pumps with a fault each, some to learn the faults from and as many others to be tried on, as recordings with labels. */
import { writeFileSync } from 'node:fs';
import { Random } from '../../../model/random.js';
import { writeRecording } from '../../../simulator/record.js';
import { machine, play, type Run, runOf, truthOf } from '../faults/plan.js';

/** Pumps of each kind of fault, once to learn from and once to be tried on. */
export const pumpsEach = 4;
/** The bundle has learned pumps of lower numbers. */
const firstPump = 101;

export interface Recorded {
  readonly runs: readonly Run[];
  readonly recording: string;
  readonly labels: string;
}

/** Writes `<name>.ndjson` and `<name>.json`; no two names share a pump. */
export async function record(
  name: 'learned' | 'tried',
  seed: number,
  file: (name: string) => string,
): Promise<Recorded> {
  const faults = machine(new Random(seed, 'classify', name), pumpsEach);
  const first = name === 'learned' ? 0 : faults.length;
  const runs = faults.map((fault, k) => runOf(`pump-${firstPump + first + k}`, first + k + 1, fault));
  const [recording, labels] = [file(`${name}.ndjson`), file(`${name}.json`)];
  await writeRecording(play(runs, seed), recording, 'ndjson');
  writeFileSync(labels, JSON.stringify(truthOf(runs)));
  return { runs, recording, labels };
}
