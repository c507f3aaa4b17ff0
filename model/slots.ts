/** How memory by slot grows as assets come. */

/** Slots to make room for when `slots` are needed: a quarter more than before, so that growth is seldom and yet little of it stays empty. */
export function grownSlots(slots: number, before: number): number {
  return Math.max(slots, before + (before >> 2));
}

/** Memory by slot. */
type Memory = Float32Array | Float64Array | Int32Array | Uint8Array;

/** What `from` holds at the start of `to`, `fill` after it. @returns `to` */
export function moved<A extends Memory>(from: A, to: A, fill: number): A {
  to.fill(fill, from.length);
  to.set(from);
  return to;
}

/** An element that the caller knows to exist. */
export function at(memory: Memory, index: number): number {
  return memory[index] as number;
}
