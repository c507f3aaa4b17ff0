import { describe, expect, it } from 'vitest';
import { type DemoOptions, planDemo, playMessages, tourSpeed } from '../../../simulator/demo/plan.js';
import { machineFaultNames } from '../../../simulator/machine-faults.js';
import { acceleratedUntil } from '../../../simulator/pace.js';

const nowMs = Date.UTC(2026, 0, 5, 14) + 321;
const options: DemoOptions = {
  seed: 1,
  assets: 8,
  rateHz: 1,
  learnS: 900,
  tourS: 90,
  speed: 20,
  endless: false,
};

describe('planDemo', () => {
  it.each([1, 2, 3])('seed %i: all five machine faults, two failing sensors, one healthy pump', (seed) => {
    const { truth } = planDemo({ ...options, seed }, nowMs);
    const machine = truth.faults.filter(({ kind }) => kind === 'machine');
    expect(machine.map(({ fault }) => fault).sort()).toEqual([...machineFaultNames].sort());
    expect(truth.faults).toHaveLength(7);
    expect(new Set(truth.faults.map(({ asset }) => asset)).size).toBe(7);
  });

  it('nothing breaks while it learns or in the first minutes after, and truth tells the times of the live run', () => {
    const { plant, offsetMs, liveMs, untilMs, truth } = planDemo(options, nowMs);
    const startMs = plant.startMs + offsetMs;
    expect(liveMs - startMs).toBe(900_000);
    expect(untilMs - liveMs).toBe(1_800_000);
    expect([truth.from, truth.to].map((time) => Date.parse(time))).toEqual([liveMs, untilMs]);
    expect(Math.min(...plant.scenario.map(({ startS }) => startS))).toBeGreaterThan(900 + 0.2 * 1800);
    const starts = plant.scenario.map(({ startS }) => startMs + startS * 1000).sort();
    expect(truth.faults.map(({ start }) => Date.parse(start)).sort()).toEqual(starts);
    for (const { end } of truth.faults) expect(Date.parse(end)).toBeLessThan(untilMs);
  });

  it('event time never runs ahead of the clock, in the tour and after it', () => {
    for (const endless of [false, true]) {
      const { liveMs, untilMs } = planDemo({ ...options, endless }, nowMs);
      const pace = acceleratedUntil(liveMs, options.speed, untilMs);
      for (let s = 0; s < 4000; s += 50) {
        const eventMs = liveMs + s * 1000;
        expect(eventMs).toBeLessThanOrEqual(nowMs + pace(eventMs));
      }
    }
  });

  it('an endless demo goes on breaking things after the tour, which alone is judged', () => {
    const { plant, truth } = planDemo({ ...options, endless: true }, nowMs);
    expect(truth.faults).toHaveLength(7);
    expect(plant.scenario.filter(({ startS }) => startS > 900 + 1800).length).toBeGreaterThan(100);
  });

  it('a seed gives the same plant at any hour, in its own event time', () => {
    const [early, late] = [nowMs, nowMs + 7.3 * 3_600_000].map((ms) => {
      const plan = planDemo({ ...options, tourS: 10, assets: 4 }, ms);
      return { plan, messages: [...playMessages(plan)] };
    });
    expect(late!.messages.map(({ values }) => values)).toEqual(early!.messages.map(({ values }) => values));
    for (const { plan, messages } of [early!, late!]) expect(messages.at(-1)?.timeMs).toBe(plan.untilMs - 1000);
  });

  it('what is learned and what is watched are one run of the same pumps, and not the same rows', () => {
    const plan = planDemo({ ...options, tourS: 10, assets: 4 }, nowMs);
    const { liveMs } = plan;
    const messages = [...playMessages(plan)].filter(({ asset }) => asset === 'pump-1');
    const normal = messages.filter(({ timeMs }) => timeMs < liveMs);
    const temperature = (i: number): number => messages[i]?.values.temperature ?? Number.NaN;
    expect(normal).toHaveLength(900);
    expect(Math.abs(temperature(900) - temperature(899))).toBeLessThan(1);
    expect(messages[900]?.values).not.toEqual(messages[0]?.values);
  });
});

it('a tour takes half an hour of event time, at real time or faster', () => {
  expect([30, 90, 1800, 7200].map(tourSpeed)).toEqual([60, 20, 1, 1]);
});
