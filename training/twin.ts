/** Two threads that train one network: each differentiates half of every batch, and both take the same step down the sum. */
import { once } from 'node:events';
import { parentPort, Worker, workerData } from 'node:worker_threads';

/** One of the two, as who trains sees it. */
export interface Twin {
  /** Which half of each batch is its own. */
  readonly half: 0 | 1;
  /**
   * Sums by element over both, the first half's summand first; both call it alike, and wait for each other in it.
   * @returns arrays as long as those given, good until the next call
   * @throws Error when the other has failed
   */
  sum(own: readonly Float32Array[]): Float32Array[];
}

/** A step takes milliseconds to seconds; the other was killed when nothing comes for so long. */
const patienceMs = 600_000;

/** Where both count their arrivals, and where one says that it has failed. */
const [arrivals, failure] = [0, 1];
const headBytes = 8;

/** Each writes to its own place, by turns to one of two, so that one barrier a sum is enough: who writes again knows that the other has read. */
class SharedTwin implements Twin {
  private readonly head: Int32Array;
  private readonly sums: Float32Array;
  private rounds = 0;

  /** @param shared `headBytes` and four times the floats of the longest sum */
  constructor(
    private readonly shared: SharedArrayBuffer,
    readonly half: 0 | 1,
  ) {
    this.head = new Int32Array(shared, 0, 2);
    this.sums = new Float32Array((shared.byteLength - headBytes) / 16);
  }

  sum(own: readonly Float32Array[]): Float32Array[] {
    const { length } = this.sums;
    const place = (half: number) =>
      new Float32Array(this.shared, headBytes + 4 * length * (2 * (this.rounds % 2) + half), length);
    const [first, second] = [place(0), place(1)];
    const mine = this.half === 0 ? first : second;
    let end = 0;
    const bounds = own.map((values) => {
      mine.set(values, end);
      end += values.length;
      return [end - values.length, end] as const;
    });
    this.rounds++;
    this.meet();
    for (let i = 0; i < end; i++) this.sums[i] = (first[i] as number) + (second[i] as number);
    return bounds.map(([from, to]) => this.sums.subarray(from, to));
  }

  get hasFailed(): boolean {
    return Atomics.load(this.head, failure) === 1;
  }

  private meet(): void {
    const { head } = this;
    Atomics.add(head, arrivals, 1);
    Atomics.notify(head, arrivals);
    for (;;) {
      if (this.hasFailed) throw new Error('the other half of the training failed');
      const seen = Atomics.load(head, arrivals);
      if (seen >= 2 * this.rounds) return;
      if (Atomics.wait(head, arrivals, seen, patienceMs) === 'timed-out')
        throw new Error('the other half of the training has gone');
    }
  }
}

export interface StartedTwin extends Twin {
  /** @throws what the other failed of */
  end(): Promise<void>;
}

/**
 * Starts the thread that is the second half.
 * @param thread its module, which calls `joinTwin`
 * @param job what it needs to know, cloned
 * @param length floats of the longest sum
 * @throws what kept it from starting
 */
export async function startTwin(thread: URL, job: unknown, length: number): Promise<StartedTwin> {
  const shared = new SharedArrayBuffer(headBytes + 16 * length);
  const worker = new Worker(thread, { workerData: { job, shared }, name: 'anomalyd-train' });
  // Rejects with its error where it ends before it says that it is ready.
  await once(worker, 'message');
  let cause: unknown;
  worker.once('error', (error) => {
    cause = error;
  });
  const twin = new SharedTwin(shared, 0);
  return {
    half: 0,
    sum: (own) => twin.sum(own),
    end: async () => {
      // Its error comes before its exit, if it is not cut short.
      if (twin.hasFailed && worker.threadId !== -1) await once(worker, 'exit').catch(() => {});
      await worker.terminate();
      if (cause !== undefined) throw cause;
    },
  };
}

/** For the thread: runs `work` as the second half, and lets the first know if it fails. */
export async function joinTwin<Job>(prepare: (job: Job) => Promise<(twin: Twin) => Promise<unknown>>): Promise<void> {
  const { job, shared } = workerData as { readonly job: Job; readonly shared: SharedArrayBuffer };
  const work = await prepare(job);
  parentPort?.postMessage('ready');
  try {
    await work(new SharedTwin(shared, 1));
  } catch (error) {
    const head = new Int32Array(shared, 0, 2);
    Atomics.store(head, failure, 1);
    Atomics.notify(head, arrivals);
    throw error;
  }
}
