/** What main thread and worker say to each other beside the rings: words in shared memory, orders and reports. */
import type { Bundle } from '../model/bundle.js';
import type { Place } from '../model/errors.js';
import type { RuntimeOptions } from '../model/runtime.js';
import type { ResultShape } from './engine-results.js';
import type { RingShape } from './engine-ring.js';

/** Indices into the shared control words. */
export const word = {
  /** Counts up for every reason the worker has to look around; it sleeps on this word. */
  wake: 0,
  /** 1 while the worker sleeps, so that nobody rings for one who is awake. */
  asleep: 1,
  /** The main thread counts up; the worker copies it to `pong` whenever it passes by. */
  ping: 2,
  pong: 3,
  /** 1 from the worker's `results` report until the main thread reads the rings: one report for many batches. */
  bell: 4,
  /** 1 while the worker waits for room for results. */
  starved: 5,
  /** 1 once so many frames wait that the worker's rest is over; it rests on this word. */
  rush: 6,
  /** Waiting frames that are worth a batch at once, as the worker sees it. */
  enough: 7,
} as const;

export const controlBytes = 4 * Object.keys(word).length;

/** Upper bounds of the histograms both threads share. */
export const inferenceBoundsS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
export const batchBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** Frames scored in one call at most: beyond this, batches gain nothing and only add delay. */
export const maxBatch = 512;

/** Frames that are worth a batch of their own: with fewer the worker rests a while, so that more come together. A batch costs what some fifty frames cost, whatever is in it. */
export const fullEnough = 128;

/** Shared memory of one bundle. */
export interface LaneMemory {
  readonly frames: { readonly shape: RingShape; readonly buffer: SharedArrayBuffer };
  readonly results: { readonly shape: ResultShape; readonly buffer: SharedArrayBuffer };
  readonly inferenceS: SharedArrayBuffer;
  readonly batchSize: SharedArrayBuffer;
}

export type Order =
  | {
      readonly order: 'open';
      readonly lane: number;
      readonly bundle: Bundle;
      readonly options: RuntimeOptions;
      readonly memory: LaneMemory;
    }
  | { readonly order: 'close'; readonly lane: number };

export type Report =
  | { readonly report: 'results' }
  | { readonly report: 'opened'; readonly lane: number }
  | {
      readonly report: 'refused';
      readonly lane: number;
      readonly problem: string;
      readonly place: Place;
      readonly remedy: string;
    };

/** `workerData` of the worker. */
export interface WorkerStart {
  readonly control: SharedArrayBuffer;
}
