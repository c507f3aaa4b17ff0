import { describe, expect, it } from 'vitest';
import { type JudgedAlert, judge } from '../../simulator/judge.js';
import type { Truth, TruthFault } from '../../simulator/truth.js';

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 5, 8) + minute * 60_000).toISOString();

function fault(asset: string, kind: TruthFault['kind'], name: TruthFault['fault'], start = 10, end = 20): TruthFault {
  return {
    id: `${asset}/${name}`,
    asset,
    kind,
    fault: name,
    signals: ['flow'],
    start: at(start),
    onset: at(start + 1),
    end: at(end),
  };
}

function truth(...faults: TruthFault[]): Truth {
  return { assets: ['a', 'b', 'c'], from: at(0), to: at(60), faults };
}

function alert(id: string, asset: string, minute: number, more: Partial<JudgedAlert> = {}): JudgedAlert {
  return { id, asset, type: 'machine-anomaly', startsAt: at(minute), ...more };
}

const leak = fault('a', 'machine', 'leak');
const bias = fault('b', 'sensor', 'bias');

describe('judge', () => {
  it('a machine fault is detected by the first alarm on its asset while it lasts; more are neither here nor there', () => {
    const { faults, summary } = judge(truth(leak), [alert('2', 'a', 15), alert('1', 'a', 12), alert('3', 'a', 19)]);
    expect(faults).toEqual([{ fault: leak, result: 'detected', delayS: 120, alert: alert('1', 'a', 12) }]);
    expect(summary).toEqual({
      faults: 1,
      detected: 1,
      falseAlarms: 0,
      medianDelayS: 120,
      sensorFaults: 0,
      sensorFaultsDetected: 0,
      sensorFaultsMistaken: 0,
    });
  });

  it.each([
    ['before the fault', 'a', 9.9],
    ['on another asset', 'b', 15],
    ['after the grace', 'a', 25.1],
  ])('%s it is a false alarm, and the fault is missed', (_where, asset, minute) => {
    const { summary, falseAlarms } = judge(truth(leak), [alert('1', asset, minute)]);
    expect(summary).toMatchObject({ faults: 1, detected: 0, falseAlarms: 1, medianDelayS: null });
    expect(falseAlarms.map(({ id }) => id)).toEqual(['1']);
  });

  it('within the grace after the repair it is neither found nor false', () => {
    expect(judge(truth(leak), [alert('1', 'a', 24)]).summary).toMatchObject({ detected: 0, falseAlarms: 0 });
    expect(judge(truth(leak), [alert('1', 'a', 24)], 60).summary).toMatchObject({ detected: 0, falseAlarms: 1 });
  });

  it('an alarm is dated by its first message, not by hindsight and not by its end', () => {
    const first = alert('1', 'a', 9, { updatedAt: at(13) });
    const cleared = alert('1', 'a', 9, { updatedAt: at(40) });
    expect(judge(truth(leak), [cleared, first]).faults[0]).toMatchObject({ result: 'detected', delayS: 180 });
  });

  it('one false alarm through all its states is one', () => {
    const states = [5, 6, 7].map((minute) => alert('1', 'c', 5, { updatedAt: at(minute) }));
    expect(judge(truth(leak), states).summary.falseAlarms).toBe(1);
  });

  it('a sensor fault is detected by an alarm that says so, by type or by naming its signal as a suspect', () => {
    const [signal = ''] = bias.signals;
    for (const more of [
      { type: 'sensor-fault' },
      { suspect: { verdict: 'sensor', signals: [signal] } },
      { suspect: { verdict: 'undecided', signals: ['other', signal] } },
    ]) {
      expect(judge(truth(bias), [alert('1', 'b', 11, more)]).summary).toEqual({
        faults: 0,
        detected: 0,
        falseAlarms: 0,
        medianDelayS: null,
        sensorFaults: 1,
        sensorFaultsDetected: 1,
        sensorFaultsMistaken: 0,
      });
    }
  });

  it('a sensor fault reported as a machine fault is mistaken, not found and not false besides', () => {
    const { mistaken, summary } = judge(truth(bias), [
      alert('1', 'b', 11, { reason: 'pressure is higher than expected' }),
    ]);
    expect(mistaken.map(({ id }) => id)).toEqual(['1']);
    expect(summary).toMatchObject({ sensorFaultsDetected: 0, sensorFaultsMistaken: 1, falseAlarms: 0 });
  });

  it('a machine fault is not found by an alarm about a sensor, which is no false alarm either', () => {
    const { summary } = judge(truth(leak), [alert('1', 'a', 12, { type: 'sensor-fault' })]);
    expect(summary).toMatchObject({ detected: 0, falseAlarms: 0, sensorFaultsMistaken: 0 });
  });

  it('both faults on one asset are told apart', () => {
    const both = truth(leak, fault('a', 'sensor', 'flat-line'));
    const { summary } = judge(both, [alert('1', 'a', 12), alert('2', 'a', 13, { type: 'sensor-fault' })]);
    expect(summary).toMatchObject({ detected: 1, sensorFaultsDetected: 1, sensorFaultsMistaken: 0, falseAlarms: 0 });
  });

  it('trouble on the link needs no alarm', () => {
    const { faults, summary } = judge(truth(fault('c', 'sensor', 'late')), []);
    expect(faults[0]?.result).toBe('unneeded');
    expect(summary).toMatchObject({ sensorFaults: 0, falseAlarms: 0 });
    const cried = judge(truth(fault('c', 'sensor', 'late')), [alert('1', 'c', 12)]);
    expect(cried.summary.sensorFaultsMistaken).toBe(1);
  });

  it('an on-delay that runs is no alarm yet, and an alert about no occurrence is none at all', () => {
    const states = [alert('1', 'a', 11, { state: 'pending' }), alert('1', 'a', 11, { state: 'active', time: at(14) })];
    expect(judge(truth(leak), states).faults[0]?.delayS).toBe(240);
    const shelved = { ...alert('', 'c', 5), id: null, startsAt: null, updatedAt: null, time: at(5) };
    expect(judge(truth(leak), [shelved]).summary).toMatchObject({ detected: 0, falseAlarms: 0 });
  });

  it("leaves the daemon's own states alone, such as missing data", () => {
    expect(judge(truth(), [alert('1', 'c', 12, { type: 'no-data' })]).summary.falseAlarms).toBe(0);
  });

  it('the median delay of an even number of faults lies in the middle', () => {
    const faults = truth(leak, fault('b', 'machine', 'imbalance'));
    expect(judge(faults, [alert('1', 'a', 11), alert('2', 'b', 14)]).summary.medianDelayS).toBe(150);
  });
});
