/** Alerts held against the truth: what was found, what was named, and which sensor was taken for a machine. */
import type { EventMessage } from '../../../daemon/message/alarm.js';
import { judge } from '../../../simulator/judge.js';
import type { Truth, TruthFault } from '../../../simulator/truth.js';

export interface Counted {
  readonly machine: number;
  readonly found: number;
  readonly medianDelayS: number | null;
  readonly falseAlarms: number;
  /** Share of the machine faults found whose first-named signal shows the fault, by the truth; as raised, and by the last word about it. */
  readonly attributionFirst: number;
  readonly attributionLast: number;
  /** Share of the machine faults found that ended with the verdict that it is a sensor. */
  readonly machineAsSensor: number;
  /** Faults of transmitters and links. */
  readonly sensor: number;
  readonly sensorFound: number;
  /** Share of the sensor faults in which a machine alarm was told, at any time, without the suspicion that it is a sensor. */
  readonly sensorAsMachine: number;
  /** The same, but `undecided` does not count as a suspicion: the last word must be `sensor`. */
  readonly sensorAsMachineStrict: number;
  /** Share of the sensor faults in which another sensor was suspected, at any time, and not the one that is wrong. */
  readonly sensorMisnamed: number;
}

/** One fault, for whoever looks closer. */
export interface Case {
  readonly fault: TruthFault;
  readonly delayS: number | null;
  readonly first: string | null;
  readonly last: string | null;
  readonly verdicts: readonly string[];
  readonly trouble: readonly string[];
}

export function count(
  truth: Truth,
  alerts: readonly EventMessage[],
): { counted: Counted; cases: Case[]; falseAlarms: EventMessage[] } {
  const { faults, falseAlarms, summary } = judge(truth, alerts);
  const cases = faults.map(({ fault, result, delayS, alert }): Case => {
    const during = alerts.filter(
      ({ asset, type, time }) =>
        asset === fault.asset && type === 'machine-anomaly' && time >= fault.start && time <= fault.end,
    );
    const words = during.filter(({ event }) => event !== 'cleared');
    const found = during.find(({ id }) => id === alert?.id);
    const isNamed = ({ suspect }: EventMessage) =>
      suspect?.signals.some((signal) => fault.signals.includes(signal)) ?? false;
    const last = words.at(-1);
    const first = found?.diagnostics[0]?.signal ?? null;
    const lastNamed = last?.diagnostics[0]?.signal ?? null;
    const trouble: string[] = [];
    const check = (what: string, holds: boolean) => holds && trouble.push(what);
    if (fault.kind === 'machine') {
      check('missed', result === 'missed');
      check('first', first !== null && !fault.signals.includes(first));
      check('last', first !== null && lastNamed !== null && !fault.signals.includes(lastNamed));
      check('as-sensor', last?.suspect?.verdict === 'sensor');
    } else {
      check('unseen', result === 'missed');
      check(
        'as-machine',
        words.some(({ suspect }) => suspect === null),
      );
      check(
        'misnamed',
        words.some((word) => word.suspect !== null && !isNamed(word)),
      );
      check('as-machine-strict', last !== undefined && !(last.suspect?.verdict === 'sensor' && isNamed(last)));
    }
    const verdicts = words.map(({ event, suspect }) =>
      `${event} ${suspect?.verdict ?? 'machine'} ${suspect?.signals.join('/') ?? ''}`.trim(),
    );
    return { fault, delayS: delayS ?? null, first, last: lastNamed, verdicts, trouble };
  });
  const machine = cases.filter(({ fault }) => fault.kind === 'machine');
  const found = machine.filter(({ delayS }) => delayS !== null);
  const sensor = cases.filter(({ fault }) => fault.kind === 'sensor');
  const share = (of: readonly Case[], what: string) =>
    ratio(
      of.filter(({ trouble }) => trouble.includes(what)),
      of,
    );
  const counted = {
    machine: machine.length,
    found: found.length,
    medianDelayS: summary.medianDelayS,
    falseAlarms: falseAlarms.length,
    attributionFirst: rounded(1 - share(found, 'first')),
    attributionLast: rounded(1 - share(found, 'last')),
    machineAsSensor: rounded(share(found, 'as-sensor')),
    sensor: sensor.length,
    sensorFound: summary.sensorFaultsDetected,
    sensorAsMachine: rounded(share(sensor, 'as-machine')),
    sensorAsMachineStrict: rounded(share(sensor, 'as-machine-strict')),
    sensorMisnamed: rounded(share(sensor, 'misnamed')),
  };
  return { counted, cases, falseAlarms: alerts.filter((alert) => falseAlarms.includes(alert)) };
}

function ratio(part: readonly unknown[], whole: readonly unknown[]): number {
  return part.length / Math.max(1, whole.length);
}

const rounded = (share: number) => Number(share.toFixed(3));
