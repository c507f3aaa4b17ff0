import { describe, expect, it } from 'vitest';
import { Random } from '../../model/random.js';
import { noEffects } from '../../simulator/machine-faults.js';
import { hydraulics, Pump, restingTemperature } from '../../simulator/pump.js';
import { makeUnit } from '../../simulator/pump-unit.js';

const unit = makeUnit(new Random(1, 'unit'));

describe('hydraulics', () => {
  it('obeys the affinity laws at a fixed valve: Q ~ n, H ~ n^2, P ~ n^3', () => {
    for (const valve of [0.5, 0.8, 1]) {
      const full = hydraulics(unit, 1, valve, noEffects());
      for (const n of [0.65, 0.8, 0.9]) {
        const slow = hydraulics(unit, n, valve, noEffects());
        expect(slow.pumped / full.pumped).toBeCloseTo(n, 10);
        expect(slow.head / full.head).toBeCloseTo(n ** 2, 10);
        expect(slow.power / full.power).toBeCloseTo(n ** 3, 10);
      }
    }
  });

  it('stands where pump curve and loop meet, near best efficiency at the valve made for it', () => {
    const { pumped, head, pressure, power, offPoint } = hydraulics(unit, 1, 0.8, noEffects());
    expect(head).toBeCloseTo(unit.resistance * pumped ** 2, 8);
    expect(pressure).toBeCloseTo(unit.suctionPressure + 0.0981 * head, 8);
    expect(Math.abs(offPoint)).toBeLessThan(0.06);
    const efficiency = (9.81 * (pumped / 3600) * head) / power;
    expect(efficiency).toBeGreaterThan(0.68);
    expect(efficiency).toBeLessThan(0.82);
  });

  it('closing the valve lowers flow and power and raises pressure; a strainer lowers all three', () => {
    const open = hydraulics(unit, 0.9, 0.9, noEffects());
    const closing = hydraulics(unit, 0.9, 0.6, noEffects());
    expect(closing.delivered).toBeLessThan(open.delivered);
    expect(closing.power).toBeLessThan(open.power);
    expect(closing.pressure).toBeGreaterThan(open.pressure);
    const blocked = hydraulics(unit, 0.9, 0.9, { ...noEffects(), strainer: 0.5 });
    expect(blocked.delivered).toBeLessThan(open.delivered);
    expect(blocked.power).toBeLessThan(open.power);
    expect(blocked.pressure).toBeLessThan(open.pressure);
  });

  it('a leak lets the impeller pump more and the meter see less', () => {
    const tight = hydraulics(unit, 0.9, 0.8, noEffects());
    const leaking = hydraulics(unit, 0.9, 0.8, { ...noEffects(), leak: 0.3 });
    expect(leaking.pumped).toBeGreaterThan(tight.pumped);
    expect(leaking.delivered).toBeLessThan(tight.delivered);
    expect(leaking.pressure).toBeLessThan(tight.pressure);
    expect(leaking.power).toBeGreaterThan(tight.power);
  });
});

describe('Pump', () => {
  it.each([0.1, 1, 10])('warms with its time constant, at steps of %s s', (dtS) => {
    const pump = new Pump(unit, new Random(1, 'pump'));
    const demand = { speed: 0.65, valve: 0.8, ambientC: 20 };
    const cold = pump.step(dtS, demand, noEffects()).temperature;
    const hot = { speed: 1, valve: 0.8, ambientC: 20 };
    const resting = restingTemperature(unit, 20, unit.friction, hydraulics(unit, 1, 0.8, noEffects()).power);
    let temperature = cold;
    for (let t = 0; t < unit.thermalTauS; t += dtS) temperature = pump.step(dtS, hot, noEffects()).temperature;
    expect(resting - cold).toBeGreaterThan(10);
    // 63 % of the way after one time constant; demand wanders by a percent.
    expect((temperature - cold) / (resting - cold)).toBeCloseTo(1 - Math.exp(-1), 1.5);
  });

  it('shakes with the square of speed where imbalance rules', () => {
    const shake = (speed: number): number => {
      const effects = { ...noEffects(), imbalance: 40 };
      return new Pump(unit, new Random(1)).step(1, { speed, valve: 0.8, ambientC: 20 }, effects).vibration;
    };
    expect(shake(1) / shake(0.7)).toBeCloseTo(1 / 0.7 ** 2, 1.7);
  });

  it('is one of a kind, within a few percent', () => {
    const units = Array.from({ length: 50 }, (_, i) => makeUnit(new Random(1, i)));
    const flows = units.map((u) => hydraulics(u, 1, 0.8, noEffects()).delivered);
    expect(new Set(flows).size).toBe(50);
    expect(Math.max(...flows) / Math.min(...flows)).toBeLessThan(1.06);
  });
});
