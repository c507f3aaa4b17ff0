/** What a machine is doing, frame by frame: off, starting up, steady, and in which regime; by rules on its signals, or by a hidden Markov model. */
import { firstRegime, modeCode, modes } from './frames.js';
import type { Condition, ModeRules } from './manifest.js';
import { grownSlots } from './slots.js';

/** Whether one comparison holds for a value; nobody knows for one that is missing. */
const holds: Readonly<Record<Condition['op'], (value: number, limit: number) => boolean>> = {
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

interface Test {
  readonly channel: number;
  readonly holds: (value: number) => boolean;
}

/**
 * Memory by slot. A machine is off while all conditions of `off` hold, starts up for `startUpMs` of event time after that, and is steady otherwise; what it was doing
 * before its first frame, or in a silence, nobody knows: that is taken for steady. A condition on a missing value leaves the mode as it was.
 */
export class ModeTracker {
  private readonly off: readonly Test[];
  private readonly regimes: readonly (readonly Test[])[];
  /** [slots] event time at which the machine was last seen off; NaN = never. */
  private lastOffMs = new Float64Array(0);
  /** [slots] code of the frame before. */
  private before = new Uint8Array(0);

  /** @param channels names, in the order of the frames' columns */
  constructor(
    private readonly rules: ModeRules,
    channels: readonly string[],
  ) {
    const tests = (conditions: readonly Condition[]) =>
      conditions.map(({ signal, op, value: limit }) => ({
        channel: channels.indexOf(signal),
        holds: (value: number) => holds[op](value, limit),
      }));
    this.off = tests(rules.off ?? []);
    this.regimes = Array.isArray(rules.regimes) ? rules.regimes.map(({ when }) => tests(when)) : [];
  }

  /** Makes room for `slots` slots. */
  ensure(slots: number): void {
    const known = this.before.length;
    if (slots <= known) return;
    const size = grownSlots(slots, known);
    const lastOffMs = new Float64Array(size).fill(Number.NaN);
    lastOffMs.set(this.lastOffMs);
    this.lastOffMs = lastOffMs;
    const before = new Uint8Array(size).fill(modeCode.steady);
    before.set(this.before);
    this.before = before;
  }

  reset(slot: number): void {
    this.lastOffMs[slot] = Number.NaN;
    this.before[slot] = modeCode.steady;
  }

  /**
   * Takes the frame at `from` of `values` as the next of `slot`.
   * @returns code of off, start-up or steady, or of a regime that rules give
   */
  step(slot: number, values: Float32Array, from: number, timeMs: number): number {
    const before = this.before[slot] as number;
    const isOff = this.off.length > 0 && all(this.off, values, from, before === modeCode.off);
    if (isOff) this.lastOffMs[slot] = timeMs;
    // False where it was never seen off.
    const isStarting = !isOff && timeMs - (this.lastOffMs[slot] as number) <= this.rules.startUpMs;
    const code = isOff ? modeCode.off : isStarting ? modeCode['start-up'] : modeCode.steady;
    this.before[slot] = code;
    return code === modeCode.steady ? this.regimeOf(values, from) : code;
  }

  /** Code of the frame before. */
  last(slot: number): number {
    return this.before[slot] as number;
  }

  private regimeOf(values: Float32Array, from: number): number {
    const regime = this.regimes.findIndex((tests) => all(tests, values, from, false));
    return regime < 0 ? modeCode.steady : firstRegime + regime;
  }
}

function all(tests: readonly Test[], values: Float32Array, from: number, unknown: boolean): boolean {
  for (const { channel, holds: test } of tests) {
    const value = values[from + channel] as number;
    if (Number.isNaN(value)) return unknown;
    if (!test(value)) return false;
  }
  return true;
}

/** Names of a bundle's regimes, in the order of their codes. */
export function regimeNames(rules: ModeRules | undefined): string[] {
  const regimes = rules?.regimes;
  if (regimes === undefined) return [];
  return Array.isArray(regimes)
    ? regimes.map(({ name }) => name)
    : Array.from({ length: regimes.count }, (_, i) => `regime-${i + 1}`);
}

/** A code in words: a mode, or the name of a regime. */
export function modeOf(rules: ModeRules | undefined, code = 0): string {
  return modes[code] ?? regimeNames(rules)[code - firstRegime] ?? 'steady';
}

/** Code of the regime that a hidden Markov model holds for the most probable at `row`. @param posterior [n*K] */
export function likeliestRegime(posterior: Float32Array, row: number, count: number): number {
  let best = 0;
  for (let k = 1; k < count; k++)
    if ((posterior[row * count + k] as number) > (posterior[row * count + best] as number)) best = k;
  return firstRegime + best;
}
