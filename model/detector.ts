/** One detector's graph with the memory of every asset: window rings or packed recurrent state. */
import path from 'node:path';
import type { Bundle } from './bundle.js';
import { UserError } from './errors.js';
import { runGolden } from './golden.js';
import type { DetectorManifest, Golden } from './manifest.js';
import { type GraphInput, type GraphSession, openSession } from './session.js';
import { grownSlots } from './slots.js';

/** Outputs for n frames; row i belongs to frame i of the call. Valid until the session's next call, unless from `sequence`. */
export interface DetectorOutputs {
  readonly n: number;
  /** [n] */
  readonly score: Float32Array;
  /** [n*C] not negative, sums to score */
  readonly contribution: Float32Array;
  /** [n*C] engineering units; NaN from a detector that expects nothing */
  readonly expected: Float32Array;
  /** [n*C] in units of normal spread, 0 where missing */
  readonly residual: Float32Array;
  /** [n] 1 once warm-up is over */
  readonly ready: Uint8Array;
  /** [n*K] hidden Markov models: probability of each regime */
  readonly regime?: Float32Array;
}

/** Frames or windows in one call of `sequence`. */
const chunkFrames = 1024;
const chunkWindows = 256;

type Outputs = Readonly<Record<string, Float32Array>>;

export class DetectorSession {
  /** Frames since the slot's reset. */
  private seen = new Int32Array(0);
  /** Window: [slots * T * C], each slot a ring. Recurrent: [slots * S]. */
  private memory: Float32Array<ArrayBuffer> = new Float32Array(0);
  private x: Float32Array<ArrayBuffer> = new Float32Array(0);
  private state: Float32Array<ArrayBuffer> = new Float32Array(0);
  private ready = new Uint8Array(0);
  /** Floats of memory a slot has. */
  private readonly width: number;

  private constructor(
    readonly manifest: DetectorManifest,
    private readonly channels: number,
    private readonly session: GraphSession,
  ) {
    this.width = manifest.kind === 'window' ? manifest.window * channels : manifest.stateSize;
  }

  /** @throws UserError for a graph that does not load or lacks an input or output of the contract */
  static async open(bundle: Bundle, detector: DetectorManifest): Promise<DetectorSession> {
    const file = path.join(bundle.dir, detector.file);
    const session = await openSession(file).catch((cause: unknown) => {
      throw new UserError(`The graph does not load: ${(cause as Error).message}`, { file }, 'Train the bundle again.', {
        cause,
      });
    });
    const recurrent = detector.kind === 'recurrent';
    const missing = [
      ...(recurrent ? ['x', 'state'] : ['x']).filter((name) => !session.inputNames.includes(name)),
      ...['score', 'contribution', ...(recurrent ? ['state_out'] : [])].filter(
        (name) => !session.outputNames.includes(name),
      ),
    ];
    if (missing.length > 0) {
      await session.close();
      throw new UserError(
        `The graph has no ${missing.join(', ')}.`,
        { file },
        'Train the bundle again with this version.',
      );
    }
    return new DetectorSession(detector, bundle.manifest.channels.length, session);
  }

  /** Makes room for `slots` slots. */
  ensure(slots: number): void {
    const before = this.seen.length;
    if (slots <= before) return;
    const size = grownSlots(slots, before);
    const seen = new Int32Array(size);
    seen.set(this.seen);
    this.seen = seen;
    const memory = new Float32Array(size * this.width);
    // An empty window is one in which all is missing; an empty state is all zeros.
    if (this.manifest.kind === 'window') memory.fill(Number.NaN, before * this.width);
    memory.set(this.memory);
    this.memory = memory;
  }

  reset(slot: number): void {
    this.seen[slot] = 0;
    const empty = this.manifest.kind === 'window' ? Number.NaN : 0;
    this.memory.fill(empty, slot * this.width, (slot + 1) * this.width);
  }

  /** `n` frames in `rounds` (as of a `FrameBatch`), one each of distinct slots where not given; `values` [n*C]. */
  async step(
    n: number,
    slot: Int32Array,
    values: Float32Array,
    rounds: readonly number[] = [n],
  ): Promise<DetectorOutputs> {
    this.reserve(n);
    for (let i = 0; i < n; i++) {
      const s = slot[i] as number;
      if (this.manifest.kind === 'window') this.pushWindow(s, i, values);
      const seen = (this.seen[s] as number) + 1;
      this.seen[s] = seen;
      this.ready[i] = this.isReady(seen);
    }
    const { window, kind } = this.manifest;
    const outputs =
      kind === 'window'
        ? await this.session.run({ x: { data: this.x.subarray(0, n * this.width), dims: [n, window, this.channels] } })
        : await this.stepStates(n, slot, values, rounds);
    return this.describe(n, outputs, this.ready);
  }

  /** `frames` [T*C] of one asset from a reset; equals T calls of `step`. Touches no slot; the outputs are the caller's. */
  async sequence(frames: Float32Array, T: number): Promise<DetectorOutputs> {
    const C = this.channels;
    const joined: Record<string, Float32Array> = {
      score: new Float32Array(T),
      contribution: new Float32Array(T * C),
      expected: new Float32Array(T * C).fill(Number.NaN),
      residual: new Float32Array(T * C),
    };
    const window = this.manifest.kind === 'window';
    const step = window ? chunkWindows : chunkFrames;
    let state = new Float32Array(this.manifest.stateSize);
    for (let from = 0; from < T; from += step) {
      const n = Math.min(step, T - from);
      const outputs = window
        ? await this.session.run({ x: this.windowsOf(frames, from, n) })
        : await this.session.run({
            x: { data: frames.slice(from * C, (from + n) * C), dims: [1, n, C] },
            state: { data: state, dims: [1, state.length] },
          });
      const { regime } = outputs;
      if (regime !== undefined) joined.regime ??= new Float32Array((T * regime.length) / n);
      for (const name in joined) {
        const output = outputs[name];
        if (output !== undefined) joined[name]?.set(output, (from * output.length) / n);
      }
      if (!window) state = Float32Array.from(outputs.state_out as Float32Array);
    }
    const ready = Uint8Array.from({ length: T }, (_, i) => this.isReady(i + 1));
    return this.describe(T, joined, ready);
  }

  /**
   * `count` sequences of `T` frames each, one after the other in `frames` [count*T*C], all from a reset, in one call; outputs [count*T], the caller's until the
   * session's next call.
   */
  async sequences(frames: Float32Array, count: number, T: number): Promise<DetectorOutputs> {
    const C = this.channels;
    const n = count * T;
    const ready = Uint8Array.from({ length: n }, (_, i) => this.isReady((i % T) + 1));
    if (this.manifest.kind === 'recurrent') {
      const { stateSize } = this.manifest;
      const x = { data: frames.subarray(0, n * C), dims: [count, T, C] };
      const state = { data: new Float32Array(count * stateSize), dims: [count, stateSize] };
      return this.describe(n, await this.session.run({ x, state }), ready);
    }
    const W = this.manifest.window;
    const data = new Float32Array(n * W * C);
    for (let s = 0; s < count; s++)
      data.set(this.windowsOf(frames.subarray(s * T * C, (s + 1) * T * C), 0, T).data, s * T * W * C);
    return this.describe(n, await this.session.run({ x: { data, dims: [n, W, C] } }), ready);
  }

  /** The same graph with a memory of its own; closed with this one. */
  fork(): DetectorSession {
    return new DetectorSession(this.manifest, this.channels, this.session);
  }

  /** @throws UserError where an output differs from its golden vector by more than 1e-4 */
  async selfTest(golden: readonly Golden[]): Promise<void> {
    await runGolden(this.session, golden, this.manifest);
  }

  close(): Promise<void> {
    return this.session.close();
  }

  private isReady(seen: number): 0 | 1 {
    return seen > this.manifest.warmupFrames && seen >= this.manifest.window ? 1 : 0;
  }

  private reserve(n: number): void {
    if (n <= this.ready.length) return;
    const { window, stateSize } = this.manifest;
    this.ready = new Uint8Array(n);
    this.x = new Float32Array(n * window * this.channels);
    this.state = new Float32Array(n * stateSize);
  }

  /** Puts row `i` of `values` into the slot's ring, and the window that it ends into row `i` of `x`. */
  private pushWindow(slot: number, i: number, values: Float32Array): void {
    const { memory, x, width, channels: C } = this;
    const ring = slot * width;
    const newest = ring + ((this.seen[slot] as number) % this.manifest.window) * C;
    for (let c = 0; c < C; c++) memory[newest + c] = values[i * C + c] as number;
    let to = i * width;
    for (let from = newest + C; from < ring + width; from++) x[to++] = memory[from] as number;
    for (let from = ring; from < newest + C; from++) x[to++] = memory[from] as number;
  }

  /** One call for all rounds that have the same slots: their frames are the steps of a sequence. */
  private async stepStates(
    n: number,
    slot: Int32Array,
    values: Float32Array,
    rounds: readonly number[],
  ): Promise<Outputs> {
    if (rounds[0] === n) return this.stepSlots(n, 1, slot, values);
    const C = this.channels;
    const joined: Record<string, Float32Array> = {};
    for (let round = 0, from = 0; round < rounds.length; ) {
      const rows = rounds[round] as number;
      let T = 1;
      while (rounds[round + T] === rows) T++;
      const x = values.subarray(from * C, (from + rows * T) * C);
      const outputs = await this.stepSlots(rows, T, slot, T === 1 ? x : transposed(x, [T, rows, C]));
      for (const name in outputs) {
        if (name === 'state_out') continue;
        const output = outputs[name] as Float32Array;
        const size = output.length / (rows * T);
        joined[name] ??= new Float32Array(n * size);
        joined[name].set(T === 1 ? output : transposed(output, [rows, T, size]), from * size);
      }
      round += T;
      from += rows * T;
    }
    return joined;
  }

  /** `T` frames each of the first `n` slots; `x` [n*T*C]. */
  private async stepSlots(n: number, T: number, slot: Int32Array, x: Float32Array): Promise<Outputs> {
    const { memory, state, width: S, channels: C } = this;
    for (let i = 0; i < n; i++) {
      const from = (slot[i] as number) * S;
      state.set(memory.subarray(from, from + S), i * S);
    }
    const outputs = await this.session.run({
      x: { data: x.subarray(0, n * T * C), dims: [n, T, C] },
      state: { data: state.subarray(0, n * S), dims: [n, S] },
    });
    const after = outputs.state_out as Float32Array;
    for (let i = 0; i < n; i++) memory.set(after.subarray(i * S, (i + 1) * S), (slot[i] as number) * S);
    return outputs;
  }

  /** Windows that end at frames `from`..`from + n - 1`; before the first frame all is missing. */
  private windowsOf(frames: Float32Array, from: number, n: number): GraphInput & { readonly data: Float32Array } {
    const C = this.channels;
    const T = this.manifest.window;
    const data = new Float32Array(n * T * C).fill(Number.NaN);
    for (let i = 0; i < n; i++) {
      const end = from + i + 1;
      const start = Math.max(0, end - T);
      data.set(frames.subarray(start * C, end * C), (i * T + T - (end - start)) * C);
    }
    return { data, dims: [n, T, C] };
  }

  private describe(n: number, outputs: Outputs, ready: Uint8Array): DetectorOutputs {
    return {
      n,
      score: outputs.score as Float32Array,
      contribution: outputs.contribution as Float32Array,
      expected: outputs.expected ?? new Float32Array(n * this.channels).fill(Number.NaN),
      residual: outputs.residual ?? new Float32Array(n * this.channels),
      ready,
      ...(outputs.regime === undefined ? {} : { regime: outputs.regime }),
    };
  }
}

/** [A, B, C] -> [B, A, C] */
function transposed(data: Float32Array, [A, B, C]: readonly [number, number, number]): Float32Array {
  const into = new Float32Array(data.length);
  for (let a = 0, from = 0; a < A; a++)
    for (let b = 0; b < B; b++) {
      const to = (b * A + a) * C;
      for (let c = 0; c < C; c++) into[to + c] = data[from++] as number;
    }
  return into;
}
