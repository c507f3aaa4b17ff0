import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { machineFaultNames } from '../../simulator/machine-faults.js';
import { fleet } from '../../simulator/plant.js';
import { type Fault, randomScenario, reachesS, severityAt } from '../../simulator/scenario.js';

describe('randomScenario', () => {
  it('places at most one fault an asset inside the run, leaves some healthy, and repeats itself', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 60, max: 1e5 }),
        (seed, n, durationS) => {
          const assets = fleet(n);
          const scenario = randomScenario({ seed, assets, durationS });
          expect(scenario).toEqual(randomScenario({ seed, assets, durationS }));
          expect(new Set(scenario.map(({ asset }) => asset)).size).toBe(scenario.length);
          expect(scenario.length).toBeLessThanOrEqual(Math.max(1, Math.ceil(n * 0.66)));
          for (const fault of scenario) {
            expect(assets).toContain(fault.asset);
            expect(fault.startS).toBeGreaterThan(0);
            expect(fault.endS).toBeGreaterThan(fault.startS);
            expect(fault.endS).toBeLessThan(durationS);
          }
        },
      ),
    );
  });

  it('shows every machine fault once where there is room, and only the sensor faults asked for', () => {
    const scenario = randomScenario({
      seed: 1,
      assets: fleet(8),
      durationS: 1800,
      machine: 5,
      sensor: 2,
      sensorFaults: ['bias', 'gap'],
    });
    const machine = scenario.filter(({ kind }) => kind === 'machine').map(({ fault }) => fault);
    expect([...machine].sort()).toEqual([...machineFaultNames].sort());
    const sensor = scenario.filter(({ kind }) => kind === 'sensor');
    expect(sensor.map(({ fault }) => fault).sort()).toEqual(['bias', 'gap']);
    for (const fault of sensor) expect('signal' in fault).toBe(fault.fault === 'bias');
  });
});

describe('severityAt', () => {
  const course = { asset: 'a', startS: 100, growthS: 200, severity: 0.8, endS: 500 };
  const machine: Fault = { ...course, kind: 'machine', fault: 'leak' };
  const drift: Fault = { ...course, kind: 'sensor', fault: 'drift', signal: 'flow' };

  it('is nothing outside, grows to the full inside, never falls before the end', () => {
    for (const fault of [machine, drift]) {
      expect(severityAt(fault, 99.9)).toBe(0);
      expect(severityAt(fault, 300)).toBeCloseTo(0.8, 12);
      expect(severityAt(fault, 499.9)).toBeCloseTo(0.8, 12);
      expect(severityAt(fault, 500)).toBe(0);
      for (let t = 100; t < 499; t++) expect(severityAt(fault, t + 1)).toBeGreaterThanOrEqual(severityAt(fault, t));
    }
    expect(severityAt(drift, 200)).toBeCloseTo(0.4, 12);
    expect(severityAt(machine, 200)).toBeLessThan(0.3);
  });

  it('a fault without growth is there at once', () => {
    expect(severityAt({ ...machine, growthS: 0 }, 100)).toBe(0.8);
  });

  it('reachesS is its inverse', () => {
    for (const fault of [machine, drift]) {
      for (const share of [0.1, 0.5, 1]) {
        expect(severityAt(fault, reachesS(fault, share))).toBeCloseTo(0.8 * share, 10);
      }
    }
  });
});
