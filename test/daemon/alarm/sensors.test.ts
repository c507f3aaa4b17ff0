import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SensorLevels } from '../../../daemon/alarm/sensors.js';
import { type HealthState, healthStates } from '../../../model/frames.js';

const codes = Object.fromEntries(healthStates.map((state, code) => [state, code]));

/** Severities after each frame of one signal; a second one beside it passes. */
function severities(states: readonly HealthState[], sensors = new SensorLevels(2)): number[] {
  return states.map((state, frame) => {
    sensors.update(Uint8Array.from([codes[state] ?? 0, 0]), 0, frame * 1000);
    return sensors.severity();
  });
}

const times = (count: number, state: HealthState): HealthState[] => Array(count).fill(state);

/** The rule, counted anew over the whole history for each frame. */
function byTheRule(states: readonly HealthState[]): boolean[] {
  const began = states.flatMap((state, frame) => (state === 'spike' && states[frame - 1] !== 'spike' ? [frame] : []));
  let loose = false;
  return states.map((_, now) => {
    const failed = states.slice(Math.max(0, now - 29), now + 1).filter((state) => state !== 'pass').length;
    const spikes = began.filter((frame) => frame <= now);
    if (began.includes(now) && spikes.filter((frame) => frame > now - 100).length >= 3) loose = true;
    if (loose && now - (spikes.at(-1) ?? now) >= 200) loose = false;
    return failed >= 10 || loose;
  });
}

describe('a signal is faulty', () => {
  it('in the tenth failed frame in a row, and until fewer than ten of the last thirty failed', () => {
    const found = severities([...times(40, 'missing'), ...times(40, 'pass')]);
    expect(found.findIndex((severity) => severity >= 1)).toBe(9);
    expect(found.findLastIndex((severity) => severity >= 1)).toBe(59);
    expect(found.at(-1)).toBe(0);
  });

  it('by any history, just when ten of thirty failed or three spikes came within a hundred frames and the last is not 200 ago', () => {
    const stretch = fc.tuple(
      fc.integer({ min: 1, max: 130 }),
      fc.constantFrom<HealthState[]>(
        ['pass'],
        ['missing'],
        ['pass', 'pass', 'flat-line'],
        ['spike', 'pass'],
        ['spike'],
      ),
    );
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 25 }), (stretches) => {
        const states = stretches.flatMap(([length, pattern]) =>
          Array.from(
            { length: pattern.length === 1 && pattern[0] === 'spike' ? Math.min(length, 3) : length },
            (_, k) => pattern[k % pattern.length] ?? 'pass',
          ),
        );
        expect(severities(states).map((severity) => severity >= 1)).toEqual(byTheRule(states));
      }),
      { numRuns: 200 },
    );
  });

  it('is forgotten at last, so that healthy frames need no update', () => {
    const sensors = new SensorLevels(2);
    severities(['spike', ...times(99, 'pass')], sensors);
    expect(sensors.calm).toBe(false);
    severities(['pass'], sensors);
    expect(sensors.calm).toBe(true);
    expect(sensors.faulty(0)).toEqual([]);
  });

  it('after a restart for as long as if there had been none', () => {
    const wire = new SensorLevels(2);
    wire.recall(0, 'missing', 5);
    expect(wire.faulty(1)).toEqual([{ channel: 0, fault: 'missing', sinceMs: 5 }]);
    expect(severities(times(25, 'pass'), wire).filter((severity) => severity >= 1)).toHaveLength(20);
    const contact = new SensorLevels(2);
    contact.recall(1, 'spike', 5);
    expect(severities(times(300, 'pass'), contact).filter((severity) => severity >= 1)).toHaveLength(199);
  });
});
