/** How memory by slot grows as assets come. */

/** Slots to make room for when `slots` are needed: a quarter more than before, so that growth is seldom and yet little of it stays empty. */
export function grownSlots(slots: number, before: number): number {
  return Math.max(slots, before + (before >> 2));
}
