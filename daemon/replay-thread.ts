/** The thread that scores for a replay: one batch after another, as they come. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Bundle } from '../model/bundle.js';
import { type Place, UserError } from '../model/errors.js';
import type { FrameBatch, ResultBatch } from '../model/frames.js';
import { BundleRuntime, type RuntimeOptions } from '../model/runtime.js';

/** `workerData` of the thread; after it, it gets nothing but `FrameBatch`es. */
export interface ReplayStart {
  readonly bundle: Bundle;
  readonly options: RuntimeOptions;
}

export type ReplayAnswer =
  | { readonly answer: 'opened'; readonly maxRounds: number }
  | { readonly answer: 'scored'; readonly results: ResultBatch }
  | { readonly answer: 'refused'; readonly problem: string; readonly place: Place; readonly remedy: string };

if (parentPort === null) throw new Error('replay-thread.ts runs in a worker thread only');
const port = parentPort;
const { bundle, options } = workerData as ReplayStart;
try {
  const runtime = await BundleRuntime.open(bundle, options);
  let last = Promise.resolve();
  port.on('message', (batch: FrameBatch) => {
    last = last.then(async () => {
      const results = await runtime.score(batch);
      const arrays = Object.values(results).filter((value) => typeof value !== 'number');
      tell({ answer: 'scored', results }, [...new Set(arrays.map(({ buffer }) => buffer as ArrayBuffer))]);
    });
  });
  tell({ answer: 'opened', maxRounds: runtime.maxRounds });
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  tell({ answer: 'refused', problem: error.problem, place: error.place, remedy: error.remedy });
}

function tell(answer: ReplayAnswer, transfer: ArrayBuffer[] = []): void {
  port.postMessage(answer, transfer);
}
