import { describe, expect, it } from 'vitest';
import { hideSignal } from '../../model/absence.js';
import { calibrateEnergy, energyGauge } from '../../model/calibrate-energy.js';
import { calibrateTracking, episodeRules } from '../../model/calibrate-tracking.js';
import type { DetectorOutputs } from '../../model/detector.js';
import { EnergyScorer } from '../../model/energy-scoring.js';
import { type Gauge, learnGrowth, type Run, stationaryGauge } from '../../model/growth.js';
import { alarmLevel } from '../../model/peaks.js';
import { Random } from '../../model/random.js';
import { trackingGauge } from '../../model/track-learning.js';
import { TrackingScorer } from '../../model/tracking-scoring.js';
import { emptyVerdicts, type ScoringStage } from '../../model/verdicts.js';
import { batchOf } from '../fixtures/stage.js';

const nan = Number.NaN;
const periodMs = 60_000;
const perWeek = 1;

function outputsOf(residual: Float32Array, C: number): DetectorOutputs {
  const n = residual.length / C;
  const contribution = residual.map((v) => v * v);
  return {
    n,
    residual,
    contribution,
    score: Float32Array.from({ length: n }, (_, i) =>
      contribution.subarray(i * C, (i + 1) * C).reduce((a, b) => a + b, 0),
    ),
    expected: new Float32Array(residual.length),
    ready: new Uint8Array(n).fill(1),
  };
}

describe('learnGrowth', () => {
  const C = 2;
  const none: Gauge = { reset: () => {}, step: () => ({ score: 1, smoothed: 0 }) };

  it('finds how much larger the others deviate without a signal', () => {
    const random = new Random(7, 'growth');
    const n = 4000;
    const run = (spread: number, hidden?: number) => {
      const residual = Float32Array.from({ length: n * C }, (_, i) =>
        i % C === hidden ? 0 : spread * random.normal(),
      );
      const values = residual.map((_, i) => (i % C === hidden ? nan : 1));
      return [{ runs: [{ values, output: outputsOf(residual, C) }] }];
    };
    const growth = learnGrowth(run(1), [run(2, 0), run(0.5, 1)], stationaryGauge({}, C), 3);
    // chi-squared of one signal instead of two, four times as large.
    expect(growth.score[0]).toBeGreaterThan(2.4);
    expect(growth.score[0]).toBeLessThan(4);
    expect(growth.score[1]).toBe(1);
    expect(growth.smoothed).toEqual([1, 1]);
    expect(growth.settleFrames).toBe(3);
  });

  it('counts nothing of what only fills the memory, and no frame in which the signal is known', () => {
    const counted: number[] = [];
    const counting: Gauge = {
      reset: () => counted.push(-1),
      step: (_, row) => {
        counted.push(row);
        return { score: row < 5 ? 100 : 1, smoothed: 0 };
      },
    };
    const part = (n: number, missing = false): Run => ({
      values: new Float32Array(n * C).fill(missing ? nan : 1),
      output: outputsOf(new Float32Array(n * C), C),
    });
    const course = (missing: boolean) => ({ lead: [part(3)], runs: [part(300, missing)] });
    expect(learnGrowth([course(false)], [[course(true)], [course(false)]], counting, 0).score).toEqual([1, 1]);
    expect(counted.slice(0, 6)).toEqual([-1, 0, 1, 2, 0, 1]);
    expect(learnGrowth([course(false)], [[course(true)]], none, 0).score).toEqual([1]);
  });
});

/** Three sensors of what moves. Of the first two one expects what the third reads; while that is missing, that nothing moves. */
const C = 3;

function residualsOf(values: Float32Array): Float32Array {
  return values.map((value, i) => {
    const from = i - (i % C);
    if (Number.isNaN(value)) return 0;
    if (i % C === 2) return value - ((values[from] as number) + (values[from + 1] as number)) / 2;
    const third = values[from + 2] as number;
    return value - (Number.isNaN(third) ? 0 : third);
  });
}

/** The second swings by `fault` from frame `from` on. */
function readings(n: number, seed: number, fault = 0, from = n): Float32Array {
  const random = new Random('missing', seed);
  const values = new Float32Array(n * C);
  for (let row = 0; row < n; row++) {
    const moved = random.normal(0, 0.5);
    for (let c = 0; c < C; c++) values[row * C + c] = moved + random.normal(0, 0.2);
    if (row >= from) values[row * C + 1] = (values[row * C + 1] as number) + (row % 2 === 0 ? fault : -fault);
  }
  return values;
}

const runOf = (values: Float32Array): Run => ({ values, output: outputsOf(residualsOf(values), C) });
const hiddenIn = (values: Float32Array) => [0, 1, 2].map((c) => runOf(hideSignal(values, C, c, 10)));

function play(stage: ScoringStage, values: Float32Array): Float32Array {
  const n = values.length / C;
  const into = emptyVerdicts(n, C, 1);
  const { output } = runOf(values);
  stage.ensure(1);
  stage.reset(0);
  stage.step(batchOf([output], into, { values }), 0, n);
  return into.severity;
}

/** Without one signal from frame `from` on. */
function without(values: Float32Array, channel: number, from: number): Float32Array {
  return values.map((value, i) => (i % C === channel && i / C >= from ? nan : value));
}

const normal = readings(6000, 1);

function energyStage(isLearned: boolean): ScoringStage {
  const options = { channels: C, periodMs, persistence: { of: 3, need: 2 } };
  const { energy, alarm } = calibrateEnergy([[runOf(normal).output]], options);
  if (energy === undefined) throw new Error('no table');
  const courses = hiddenIn(normal).map((run) => [{ runs: [run] }]);
  const absent = learnGrowth([{ runs: [runOf(normal)] }], courses, energyGauge(C), 0);
  const level = alarmLevel(alarm, perWeek);
  return new EnergyScorer({ ...options, energy, alarmLevel: level, ...(isLearned && { absent: [absent] }) });
}

function trackingStage(isLearned: boolean): ScoringStage {
  const [learn, judge] = [normal.slice(0, 3000 * C), normal.slice(3000 * C)];
  const runs = [{ learn: [runOf(learn)], calibrate: [runOf(judge)] }];
  const options = { channels: C, periodMs, shrink: 0.2, persistence: { of: 3, need: 2 } };
  const { detectors, persistence, alarm } = calibrateTracking([runs], options);
  const tracking = detectors[0]?.tracking;
  if (tracking === undefined) throw new Error('nothing tracked');
  const gauge = trackingGauge(tracking, episodeRules);
  const courses = hiddenIn(judge).map((run) => [{ lead: [runOf(learn)], runs: [run] }]);
  const absent = learnGrowth([{ lead: [runOf(learn)], runs: [runOf(judge)] }], courses, gauge, 0);
  return new TrackingScorer({
    scale: [1, 1, 1],
    detectors: [tracking],
    persistence,
    episodes: episodeRules,
    alarmLevel: alarmLevel(alarm, perWeek),
    ...(isLearned && { absent: [absent] }),
  });
}

describe.each([
  ['energy', energyStage],
  ['tracking', trackingStage],
] as const)('the %s stage with a signal missing', (_, stageOf) => {
  const inAlarm = (severity: Float32Array) => severity.filter((value) => value >= 1).length;
  const missing = without(readings(2000, 2), 2, 600);

  it('raises no alarm on normal data, which it would without what it has learned', () => {
    expect(inAlarm(play(stageOf(true), missing))).toBe(0);
    expect(inAlarm(play(stageOf(false), missing))).toBeGreaterThan(20);
  });

  it('still finds what shows in the others', () => {
    const severity = play(stageOf(true), without(readings(2000, 2, 12, 1200), 2, 600));
    expect(inAlarm(severity.subarray(0, 1200))).toBe(0);
    expect(inAlarm(severity.subarray(1200))).toBeGreaterThan(5);
  });

  it('scores complete data to the bit as if it had learned nothing', () => {
    const complete = readings(2000, 3, 3, 1000);
    expect(play(stageOf(true), complete)).toEqual(play(stageOf(false), complete));
  });
});
