/** Host of the thread that scores for a replay: batches go out ahead of their results, which come back in order. */
import { Worker } from 'node:worker_threads';
import type { Bundle } from '../model/bundle.js';
import { UserError } from '../model/errors.js';
import type { FrameBatch, ResultBatch } from '../model/frames.js';
import type { RuntimeOptions } from '../model/runtime.js';
import { disableTelemetry } from '../model/session.js';
import type { Scoring } from './replay.js';
import type { ReplayAnswer, ReplayStart } from './replay-thread.js';

/** Batches under way at a time: enough that neither thread waits for the other. */
const depth = 8;

interface Waiting {
  readonly resolve: (results: ResultBatch) => void;
  readonly reject: (error: Error) => void;
}

/** @param thread the compiled `replay-thread.js`. @throws UserError when the bundle does not hold */
export async function openReplayThread(thread: URL, bundle: Bundle, options: RuntimeOptions): Promise<Scoring> {
  disableTelemetry();
  const workerData: ReplayStart = { bundle, options };
  const worker = new Worker(thread, { workerData, name: 'anomalyd-replay' });
  const waiting: Waiting[] = [];
  let ending = false;
  const maxRounds = await new Promise<number>((resolve, reject) => {
    let failure = new Error('the scoring thread ended');
    worker.on('error', (error) => {
      failure = error instanceof Error ? error : new Error(String(error));
    });
    worker.on('exit', () => {
      if (ending) return;
      reject(failure);
      for (const one of waiting) one.reject(failure);
    });
    worker.on('message', (answer: ReplayAnswer) => {
      if (answer.answer === 'opened') resolve(answer.maxRounds);
      else if (answer.answer === 'scored') waiting.shift()?.resolve(answer.results);
      else reject(new UserError(answer.problem, answer.place, answer.remedy));
    });
  }).catch(async (error: unknown) => {
    ending = true;
    await worker.terminate();
    throw error;
  });
  return {
    depth,
    maxRounds,
    score: (batch: FrameBatch) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        worker.postMessage(batch);
      }),
    async close() {
      ending = true;
      await worker.terminate();
    },
  };
}
