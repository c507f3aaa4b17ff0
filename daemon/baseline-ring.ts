/** The largest severities of one asset of late, a block of time each: what its own normal looks like. */

export class BaselineRing {
  readonly #values: Float32Array;
  #count = 0;
  #block = Number.NaN;
  #largest = 0;

  /** @param blockMs long enough that neighbouring blocks tell about different things  @param most blocks kept */
  constructor(
    readonly blockMs: number,
    readonly most: number,
  ) {
    this.#values = new Float32Array(most);
  }

  /** Whole blocks kept. */
  get length(): number {
    return this.#count;
  }

  /** Hot. Frames come in the order of their times. @returns whether a block ended before this frame */
  note(timeMs: number, severity: number): boolean {
    const block = Math.floor(timeMs / this.blockMs);
    const ended = block !== this.#block && !Number.isNaN(this.#block);
    if (ended) this.add(this.#largest);
    if (block !== this.#block) {
      this.#block = block;
      this.#largest = 0;
    }
    if (severity > this.#largest) this.#largest = severity;
    return ended;
  }

  /** A whole block. */
  add(largest: number): void {
    if (this.#count === this.most) this.#values.copyWithin(0, 1);
    else this.#count++;
    this.#values[this.#count - 1] = largest;
  }

  /** Forgets the newest whole blocks, and the one that is under way. */
  forget(blocks: number): void {
    this.#count = Math.max(0, this.#count - blocks);
    this.#block = Number.NaN;
    this.#largest = 0;
  }

  /** Oldest first, but for the newest `without`. */
  values(without = 0): Float32Array {
    return this.#values.slice(0, Math.max(0, this.#count - without));
  }
}
