import { describe, expect, it } from 'vitest';
import { Suspicion } from '../../model/suspicion.js';

/** Two signals explain the deviation, the first a little better; the third does not. */
const explanation = { whole: 2, rest: Float64Array.of(0.1, 0.2, 1.9) };

/** An error that goes with the load, or one that does not care for it, for `frames` frames. */
function watch(suspicion: Suspicion, isMachine: boolean, frames = 300): void {
  for (let t = 0; t < frames && !suspicion.isCleared; t++) {
    const load = 2 * Math.sin(t / 9);
    suspicion.observe(isMachine ? 3 * load : 3, load, 0.02);
  }
}

describe('Suspicion', () => {
  it('takes the next signal that explains the deviation when the first is cleared, and the machine when none is left', () => {
    const suspicion = new Suspicion(3, -1);
    suspicion.explain(explanation);
    expect([suspicion.suspect, suspicion.verdict]).toEqual([0, 'undecided']);
    expect([...suspicion.group]).toEqual([1, 1, 0]);
    watch(suspicion, true);
    expect(suspicion.isCleared).toBe(true);
    expect(suspicion.explain(explanation)).toBe(true);
    expect([suspicion.suspect, suspicion.verdict, suspicion.error.frames]).toEqual([1, 'undecided', 0]);
    expect([...suspicion.group]).toEqual([0, 1, 0]);
    watch(suspicion, true);
    suspicion.explain(explanation);
    expect([suspicion.suspect, suspicion.verdict]).toEqual([-1, 'machine']);
    expect([...suspicion.group]).toEqual([0, 0, 0]);
    expect(suspicion.isCleared).toBe(false);
  });

  it('clears a sensor only when the odds have stood against it for 120 frames', () => {
    const suspicion = new Suspicion(3, -1);
    suspicion.explain(explanation);
    watch(suspicion, true, 220);
    expect(suspicion.oddsOfMachine()).toBeGreaterThan(4);
    expect(suspicion.isCleared).toBe(false);
    watch(suspicion, true, 60);
    expect(suspicion.isCleared).toBe(true);
  });

  it('is sure of a sensor only by the course of its error, also where it jumped', () => {
    const suspicion = new Suspicion(3, 1);
    suspicion.explain(explanation);
    expect([suspicion.suspect, suspicion.verdict]).toEqual([1, 'undecided']);
    watch(suspicion, false);
    expect(suspicion.verdict).toBe('sensor');
  });

  it('of what jumped is sure of the machine, too', () => {
    const suspicion = new Suspicion(3, 1);
    suspicion.explain({ ...explanation, rest: Float64Array.of(1.9, 0.1, 1.9) });
    watch(suspicion, true);
    suspicion.explain({ ...explanation, rest: Float64Array.of(1.9, 0.1, 1.9) });
    expect(suspicion.verdict).toBe('machine');
  });
});
