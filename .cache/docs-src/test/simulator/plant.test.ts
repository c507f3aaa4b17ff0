import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { machineFaultNames, machineFaults } from '../../simulator/machine-faults.js';
import { fleet, type Message, type PlantOptions, simulate } from '../../simulator/plant.js';
import { type Fault, randomScenario } from '../../simulator/scenario.js';
import { type SignalName, signalNames, signals } from '../../simulator/signals.js';

const startMs = Date.UTC(2026, 0, 5, 8);

function run(options: Partial<PlantOptions> = {}): Message[] {
  return [...simulate({ seed: 1, assets: ['pump-1'], rateHz: 1, startMs, durationS: 900, ...options })];
}

function series(messages: readonly Message[], name: SignalName): number[] {
  return messages.map(({ values }) => values[name] ?? Number.NaN);
}

function mean(x: readonly number[]): number {
  return x.reduce((a, b) => a + b, 0) / x.length;
}

function spread(x: readonly number[]): number {
  const m = mean(x);
  return Math.sqrt(mean(x.map((v) => (v - m) ** 2)));
}

describe('simulate', () => {
  it('gives the same messages for the same options, and others for another seed or start', () => {
    const assets = fleet(3);
    const scenario = randomScenario({ seed: 1, assets, durationS: 900 });
    const first = run({ assets, scenario });
    expect(run({ assets, scenario })).toEqual(first);
    expect(run({ assets, scenario, seed: 2 })).not.toEqual(first);
    const later = run({ assets, scenario, startMs: startMs + 900_000 });
    expect(later.map(({ values }) => values)).not.toEqual(first.map(({ values }) => values));
  });

  it('an asset is the same whatever else stands in the plant', () => {
    const many = run({ assets: fleet(4) }).filter(({ asset }) => asset === 'pump-1');
    expect(many).toEqual(run());
  });

  it('delivers in order, and stamps events on the grid but for a jittered clock', () => {
    const sensorFault = fc.constantFrom('gap', 'clock-jitter', 'duplicate', 'late', 'none');
    fc.assert(
      fc.property(
        sensorFault,
        fc.constantFrom(1, 2, 5, 10),
        fc.integer({ min: 1, max: 1e6 }),
        (fault, rateHz, seed) => {
          const scenario =
            fault === 'none'
              ? []
              : [{ asset: 'pump-1', kind: 'sensor', fault, startS: 10, growthS: 0, severity: 1, endS: 50 } as Fault];
          const messages = run({ assets: fleet(2), rateHz, seed, durationS: 60, scenario });
          const periodMs = 1000 / rateHz;
          messages.forEach((message, i) => {
            expect(message.deliveryMs).toBeGreaterThanOrEqual(messages[i - 1]?.deliveryMs ?? 0);
            const offGrid = (message.timeMs - startMs) % periodMs;
            if (fault !== 'clock-jitter') {
              expect(offGrid).toBe(0);
              expect(message.deliveryMs).toBeGreaterThan(message.timeMs);
            }
          });
          const own = messages.filter(({ asset }) => asset === 'pump-1');
          const distinct = new Set(own.map(({ timeMs }) => timeMs)).size;
          expect(messages.length - own.length).toBe(60 * rateHz);
          expect(distinct).toBe((fault === 'gap' ? 20 : 60) * rateHz);
          if (fault === 'duplicate') expect(own.length).toBeGreaterThan(60 * rateHz);
          if (fault === 'clock-jitter')
            expect(own.some(({ timeMs }) => (timeMs - startMs) % periodMs !== 0)).toBe(true);
          if (fault === 'late') {
            expect(own.some(({ timeMs }, i) => timeMs < (own[i - 1]?.timeMs ?? 0))).toBe(true);
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it('a healthy hour looks like a pump: several regimes, plausible levels, related signals', () => {
    const messages = run({ durationS: 3600 });
    const expected: Record<SignalName, readonly [number, number]> = {
      temperature: [30, 60],
      pressure: [3.5, 8],
      flow: [40, 130],
      current: [8, 42],
      vibration: [0.5, 2.5],
    };
    for (const name of signalNames) {
      const x = series(messages, name);
      expect(Math.min(...x), name).toBeGreaterThan(expected[name][0]);
      expect(Math.max(...x), name).toBeLessThan(expected[name][1]);
      // What the plant does must stand out from what the transmitter adds.
      const steps = x.slice(1).map((v, i) => v - (x[i] ?? v));
      expect(spread(x) / (spread(steps) / Math.SQRT2), name).toBeGreaterThan(4);
      const onScale = x.map((v) => v / signals[name].resolution);
      expect(Math.max(...onScale.map((v) => Math.abs(v - Math.round(v)))), name).toBeLessThan(1e-6);
    }
    const [flow, current] = [series(messages, 'flow'), series(messages, 'current')];
    const [mf, mc] = [mean(flow), mean(current)];
    const correlation = mean(flow.map((v, i) => (v - mf) * ((current[i] ?? 0) - mc))) / spread(flow) / spread(current);
    expect(correlation).toBeGreaterThan(0.6);
  });

  it('ten minutes of eight pumps visit the regimes of the next ten', () => {
    const assets = fleet(8);
    const messages = run({ assets, durationS: 1200 });
    const [before, after] = [0, 1].map((half) =>
      messages.filter(({ timeMs }) => Math.floor((timeMs - startMs) / 600_000) === half),
    );
    for (const name of signalNames) {
      const seen = series(before!, name);
      const [low, high] = [Math.min(...seen), Math.max(...seen)];
      const margin = 0.05 * (high - low);
      const outside = series(after!, name).filter((v) => v < low - margin || v > high + margin);
      expect(outside.length / after!.length, name).toBeLessThan(0.01);
    }
  });
});

describe('machine faults', () => {
  const twin = run({ durationS: 1500 });

  it.each(machineFaultNames)('%s moves the signals it names, two at least, and nothing before it starts', (fault) => {
    const course = { asset: 'pump-1', startS: 500, growthS: 300, severity: 1, endS: 1400 };
    const sick = run({ durationS: 1500, scenario: [{ ...course, kind: 'machine', fault }] });
    expect(sick.slice(0, 500)).toEqual(twin.slice(0, 500));
    expect(machineFaults[fault].signals.length).toBeGreaterThanOrEqual(2);
    const changes = machineFaults[fault].signals.map((name) => {
      const difference = series(sick, name).map((v, i) => v - (twin[i]?.values[name] ?? v));
      const full = difference.slice(900, 1400).filter((_, i) => i % 5 === 0);
      const typical = spread(
        series(twin, name)
          .slice(1)
          .map((v, i) => v - (twin[i]?.values[name] ?? v)),
      );
      return { name, shift: mean(full), inNoise: Math.abs(mean(full)) / typical };
    });
    for (const { name, inNoise } of changes) expect(inNoise, name).toBeGreaterThan(1.5);
    const signs: Record<string, Partial<Record<SignalName, number>>> = {
      'bearing-wear': { vibration: 1, temperature: 1, current: 1 },
      imbalance: { vibration: 1, temperature: 1 },
      cavitation: { vibration: 1, pressure: -1, flow: -1, current: -1 },
      'blocked-filter': { flow: -1, pressure: -1, current: -1, vibration: 1 },
      leak: { pressure: -1, flow: -1, current: 1 },
    };
    expect(Object.fromEntries(changes.map(({ name, shift }) => [name, Math.sign(shift)]))).toEqual(signs[fault]);
  });

  it('grow: a quarter of the way is far less than half, and repair ends them', () => {
    const course = { asset: 'pump-1', startS: 300, growthS: 800, severity: 1, endS: 1200 };
    const sick = run({ durationS: 1500, scenario: [{ ...course, kind: 'machine', fault: 'imbalance' }] });
    const rise = (from: number): number =>
      mean(series(sick, 'vibration').slice(from, from + 60)) / mean(series(twin, 'vibration').slice(from, from + 60));
    expect(rise(470)).toBeGreaterThan(1.02);
    expect(rise(1100)).toBeGreaterThan(2);
    expect(rise(470) - 1).toBeLessThan((rise(1100) - 1) / 3);
    expect(rise(1200)).toBe(1);
  });

  it('cavitation makes pressure restless', () => {
    const course = { asset: 'pump-1', startS: 300, growthS: 0, severity: 1, endS: 1500 };
    const sick = run({ durationS: 1500, scenario: [{ ...course, kind: 'machine', fault: 'cavitation' }] });
    const unrest = (x: readonly number[]): number => spread(x.slice(1).map((v, i) => v - (x[i] ?? v)));
    const pressure = series(sick, 'pressure');
    expect(unrest(pressure.slice(300))).toBeGreaterThan(3 * unrest(pressure.slice(0, 300)));
  });
});

describe('transmitter faults', () => {
  const twin = run();
  const course = { asset: 'pump-1', kind: 'sensor', startS: 300, growthS: 0, severity: 1, endS: 800 } as const;

  function faulty(fault: Fault & { signal: SignalName }): { values: (number | null)[]; difference: number[] } {
    const messages = run({ scenario: [fault] });
    for (const name of signalNames.filter((each) => each !== fault.signal)) {
      expect(series(messages, name), `${name} is another sensor`).toEqual(series(twin, name));
    }
    const values = messages.map((message) => message.values[fault.signal]);
    const difference = values.map((v, i) => (v ?? Number.NaN) - (twin[i]?.values[fault.signal] ?? 0));
    expect(difference.slice(0, 300).every((d) => d === 0)).toBe(true);
    expect(difference.slice(800).every((d) => d === 0)).toBe(true);
    return { values, difference: difference.slice(300, 800) };
  }

  it('bias adds a constant', () => {
    const { difference } = faulty({ ...course, fault: 'bias', signal: 'pressure' });
    for (const d of difference) expect(d).toBeCloseTo(signals.pressure.faultScale, 1);
  });

  it('drift grows evenly', () => {
    const { difference } = faulty({ ...course, fault: 'drift', signal: 'temperature', growthS: 400 });
    const full = 1.5 * signals.temperature.faultScale;
    expect(difference[100]).toBeCloseTo(full / 4, 0.5);
    expect(difference[200]).toBeCloseTo(full / 2, 0.5);
    expect(difference[499]).toBeCloseTo(full, 0.5);
  });

  it('spikes are rare, large and of both signs', () => {
    const { difference } = faulty({ ...course, fault: 'spike', signal: 'current' });
    const spikes = difference.filter((d) => Math.abs(d) > 1);
    expect(spikes.length).toBeGreaterThan(8);
    expect(spikes.length).toBeLessThan(60);
    expect(spikes.some((d) => d > 0) && spikes.some((d) => d < 0)).toBe(true);
  });

  it('a flat line repeats one value', () => {
    const { values } = faulty({ ...course, fault: 'flat-line', signal: 'flow' });
    expect(new Set(values.slice(300, 800)).size).toBe(1);
  });

  it('a drop-out measures nothing, an intermittent one now and then', () => {
    const { values } = faulty({ ...course, fault: 'drop-out', signal: 'vibration' });
    expect(values.slice(300, 800).every((v) => v === null)).toBe(true);
    const loose = faulty({ ...course, fault: 'drop-out', signal: 'vibration', severity: 0.3 }).values.slice(300, 800);
    const lost = loose.filter((v) => v === null).length / loose.length;
    expect(lost).toBeGreaterThan(0.2);
    expect(lost).toBeLessThan(0.4);
  });
});
