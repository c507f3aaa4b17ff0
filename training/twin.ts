/** Two threads that train one network: each differentiates half of every batch, and both take the same step down the sum; one does both halves where the other is gone. */
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import { Worker, workerData } from 'node:worker_threads';

export type Half = 0 | 1;

/** What a half of a sum comes to; by its index, the other's too. */
export type Summand = (half: Half) => readonly Float32Array[];

export interface Twin {
  /**
   * Sums by element over both halves, the first half's summand first; both threads call it alike, and wait for each other in it.
   * @param summand is asked for the half of this thread, and for the other where this one is alone; arrays of the same lengths
   * @returns as many arrays, good until the next call
   */
  sum(summand: Summand): Promise<Float32Array[]>;
}

/** Both halves in one thread: the same sums to the bit. */
export const alone: Twin = { sum: async (summand) => added(summand(0), summand(1)) };

function added(first: readonly Float32Array[], second: readonly Float32Array[]): Float32Array[] {
  return first.map((values, k) => values.map((value, i) => value + (second[k]?.[i] as number)));
}

/** Time after which who waits looks whether the other still lives: a thread that sleeps hears of nothing. */
const lookMs = 250;

/** Before the sums: the count of arrivals of both, and four bytes that align the rest. */
const headBytes = 8;

/** What the first thread knows of the second. */
interface Partner {
  /** Why nothing more can come from it; undefined while it lives. */
  readonly end: () => string | undefined;
  /** Called once, when it is missed. */
  readonly onAlone: (why: string) => void;
}

/** Each writes to its own place, by turns to one of two, so that one barrier a sum is enough: who writes again knows that the other has read. */
class SharedTwin implements Twin {
  private readonly arrivals: Int32Array;
  private readonly sums: Float32Array;
  private rounds = 0;
  private isAlone = false;

  /** @param shared `headBytes` and four times the floats of the longest sum */
  constructor(
    private readonly shared: SharedArrayBuffer,
    private readonly half: Half,
    private readonly partner?: Partner,
  ) {
    this.arrivals = new Int32Array(shared, 0, 1);
    this.sums = new Float32Array((shared.byteLength - headBytes) / 16);
  }

  async sum(summand: Summand): Promise<Float32Array[]> {
    if (this.isAlone) return alone.sum(summand);
    const own = summand(this.half);
    const { length } = this.sums;
    const place = (half: Half) =>
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
    const why = await this.meet();
    if (why !== undefined) {
      this.isAlone = true;
      this.partner?.onAlone(why);
      return added(own, summand(1));
    }
    for (let i = 0; i < end; i++) this.sums[i] = (first[i] as number) + (second[i] as number);
    return bounds.map(([from, to]) => this.sums.subarray(from, to));
  }

  /** @returns undefined once both are here, or why the other will not come */
  private async meet(): Promise<string | undefined> {
    const { arrivals } = this;
    Atomics.add(arrivals, 0, 1);
    Atomics.notify(arrivals, 0);
    for (;;) {
      const why = this.partner?.end();
      const seen = Atomics.load(arrivals, 0);
      if (seen >= 2 * this.rounds) return undefined;
      if (why !== undefined) return why;
      if (Atomics.wait(arrivals, 0, seen, lookMs) === 'timed-out') await yieldToEvents();
    }
  }
}

export interface StartedTwin extends Twin {
  end(): Promise<void>;
}

/**
 * Starts the thread that is the second half. Where it can't start, or ends too early, this one does both halves from that sum on.
 * @param thread its module, which calls `joinTwin`
 * @param job what it needs to know, cloned
 * @param length floats of the longest sum
 * @param onAlone told why, once, when the other is missed
 */
export function startTwin(thread: URL, job: unknown, length: number, onAlone: (why: string) => void): StartedTwin {
  const shared = new SharedArrayBuffer(headBytes + 16 * length);
  let why: string | undefined;
  let worker: Worker | undefined;
  try {
    worker = new Worker(thread, { workerData: { job, shared }, name: 'anomalyd-train' });
    worker.once('error', (error) => {
      why = error instanceof Error ? error.message : String(error);
    });
    worker.once('exit', (code) => {
      why ??= `it ended with exit code ${code}`;
    });
  } catch (error) {
    // The system has no thread to spare; all else is a bug.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_INIT_FAILED')) throw error;
    why = `the system starts no more threads: ${error.message}`;
  }
  const twin = new SharedTwin(shared, 0, { end: () => why, onAlone });
  return {
    sum: (summand) => twin.sum(summand),
    end: async () => void (await worker?.terminate()),
  };
}

/** For the thread: does `work` as the second half. It never misses the first, whose end is that of the process. */
export async function joinTwin<Job>(work: (job: Job, twin: Twin) => Promise<unknown>): Promise<void> {
  const { job, shared } = workerData as { readonly job: Job; readonly shared: SharedArrayBuffer };
  await work(job, new SharedTwin(shared, 1));
}
