/** Results on their way back from the worker: a ring in shared memory with one producer (worker) and one consumer (main thread). */
import type { ResultBatch } from '../model/frames.js';

export interface ResultShape {
  /** Results it holds; a power of two. */
  readonly capacity: number;
  /** C. */
  readonly channels: number;
  /** D. */
  readonly detectors: number;
}

/** Results of one bundle, in the order in which they were scored. The arrays are views: valid only until the reader returns. */
export interface ArrivedResults extends ResultBatch {
  /** [N] monotonic time at which the reading that completed the frame arrived, milliseconds. */
  readonly arrivalMs: Float64Array;
}

const head = 0;
const tail = 1;
const headerBytes = 16;

type Arrays = Omit<ArrivedResults, 'n'>;
type Name = keyof Arrays;
type ArrayKind = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: SharedArrayBuffer, offset: number, length: number): Arrays[Name];
};

/** The arrays, their kind and how wide a row of each is; widest kind first, so that all are aligned. */
function columns({ channels, detectors }: ResultShape): readonly (readonly [Name, ArrayKind, number])[] {
  return [
    ['timeMs', Float64Array, 1],
    ['arrivalMs', Float64Array, 1],
    ['slot', Int32Array, 1],
    ['severity', Float32Array, 1],
    ['instant', Float32Array, 1],
    ['detector', Float32Array, detectors],
    ['contribution', Float32Array, channels],
    ['expected', Float32Array, channels],
    ['actual', Float32Array, channels],
    ['explains', Float32Array, channels],
    ['certainty', Float32Array, 1],
    ['health', Uint8Array, channels],
    ['suspect', Uint8Array, channels],
    ['mode', Uint8Array, 1],
    ['verdict', Uint8Array, 1],
    ['cause', Uint8Array, 1],
  ];
}

export class ResultRing {
  readonly buffer: SharedArrayBuffer;
  private readonly header: Int32Array;
  private readonly arrays: Arrays;
  private readonly widths: readonly (readonly [Name, number])[];

  constructor(
    readonly shape: ResultShape,
    buffer?: SharedArrayBuffer,
  ) {
    const layout = columns(shape);
    this.widths = layout.map(([name, , width]) => [name, width] as const);
    const rowBytes = layout.reduce((sum, [, kind, width]) => sum + width * kind.BYTES_PER_ELEMENT, 0);
    this.buffer = buffer ?? new SharedArrayBuffer(headerBytes + shape.capacity * rowBytes);
    this.header = new Int32Array(this.buffer, 0, headerBytes / 4);
    let at = headerBytes;
    const arrays: Partial<Record<Name, Arrays[Name]>> = {};
    for (const [name, kind, width] of layout) {
      arrays[name] = new kind(this.buffer, at, shape.capacity * width);
      at += shape.capacity * width * kind.BYTES_PER_ELEMENT;
    }
    this.arrays = arrays as Arrays;
  }

  /** Results that still fit, as far as this thread can see. */
  get room(): number {
    return this.shape.capacity - ((Atomics.load(this.header, head) - Atomics.load(this.header, tail)) | 0);
  }

  /** Producer: appends a batch; there must be `room` for it. */
  push(batch: ResultBatch, arrivalMs: Float64Array): void {
    const from = { ...batch, arrivalMs };
    const at = Atomics.load(this.header, head);
    const i = at & (this.shape.capacity - 1);
    const first = Math.min(batch.n, this.shape.capacity - i);
    for (const [name, width] of this.widths) {
      const to = this.arrays[name];
      const source = from[name];
      to.set(source.subarray(0, first * width), i * width);
      if (first < batch.n) to.set(source.subarray(first * width, batch.n * width), 0);
    }
    Atomics.store(this.header, head, (at + batch.n) | 0);
  }

  /** Consumer: hands the results that are there to `reader`, in one or two pieces. Gives their number. */
  drain(reader: (results: ArrivedResults) => void): number {
    const { capacity } = this.shape;
    let at = Atomics.load(this.header, tail);
    const total = (Atomics.load(this.header, head) - at) | 0;
    for (let left = total; left > 0; ) {
      const i = at & (capacity - 1);
      const n = Math.min(left, capacity - i);
      reader(this.view(i, n));
      at = (at + n) | 0;
      left -= n;
      Atomics.store(this.header, tail, at);
    }
    return total;
  }

  private view(i: number, n: number): ArrivedResults {
    const { arrays } = this;
    const { channels, detectors } = this.shape;
    const cut = <A extends { subarray(from: number, to: number): A }>(array: A, width: number): A =>
      array.subarray(i * width, (i + n) * width);
    return {
      n,
      timeMs: cut(arrays.timeMs, 1),
      arrivalMs: cut(arrays.arrivalMs, 1),
      slot: cut(arrays.slot, 1),
      severity: cut(arrays.severity, 1),
      instant: cut(arrays.instant, 1),
      detector: cut(arrays.detector, detectors),
      contribution: cut(arrays.contribution, channels),
      expected: cut(arrays.expected, channels),
      actual: cut(arrays.actual, channels),
      explains: cut(arrays.explains, channels),
      health: cut(arrays.health, channels),
      suspect: cut(arrays.suspect, channels),
      mode: cut(arrays.mode, 1),
      verdict: cut(arrays.verdict, 1),
      cause: cut(arrays.cause, 1),
      certainty: cut(arrays.certainty, 1),
    };
  }
}
