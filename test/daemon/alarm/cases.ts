/** Alarm cases as text: lines of input into inputs, transitions into lines. */
import { alarmConfigSchema } from '../../../daemon/alarm/config.js';
import { step } from '../../../daemon/alarm/machine.js';
import { type AlarmSettings, resolveSettings } from '../../../daemon/alarm/settings.js';
import { type AlarmState, bands, initialState } from '../../../daemon/alarm/state.js';
import type { AlarmInput, Transition } from '../../../daemon/alarm/transition.js';

export function settingsFrom(config: object, periodMs = 0): AlarmSettings {
  return resolveSettings(alarmConfigSchema.parse(config), 'pump-1', 'pumps', periodMs).alarms['machine-anomaly'];
}

/** `10 1.5`: severity at 10 s; `10..20 1.5`: every second; `10 shelve 60 kim`: a command. */
export function parseInputs(text: string): AlarmInput[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => {
      const [when = '', what = '', ...args] = line.split(' ');
      const [from = 0, to = from] = when.split('..').map(Number);
      return Array.from({ length: to - from + 1 }, (_, k) => input((from + k) * 1000, what, args));
    });
}

function input(nowMs: number, what: string, args: readonly string[]): AlarmInput {
  const author = { by: args.at(-1) ?? null, comment: null };
  switch (what) {
    case 'tick':
      return { kind: 'tick', nowMs };
    case 'widen':
      return { kind: 'widen', timeMs: nowMs, nowMs };
    case 'maintenance':
      return { kind: 'maintenance', timeMs: nowMs, nowMs, on: args[0] === 'on' };
    case 'shelve':
      return { kind: 'shelve', nowMs, untilMs: nowMs + Number(args[0]) * 1000, ...author };
    case 'ack':
    case 'unshelve':
    case 'out-of-service':
    case 'in-service':
      return { kind: what, nowMs, ...author };
    default: {
      const severity = Number(what);
      if (Number.isNaN(severity)) throw new Error(`no such input: ${what}`);
      return { kind: 'level', timeMs: nowMs, nowMs, severity, startsAt: nowMs };
    }
  }
}

/** All transitions of a run, and the state at its end. */
export function run(
  inputs: readonly AlarmInput[],
  settings: AlarmSettings,
  from = initialState('gw/pump-1/machine-anomaly'),
) {
  let state: AlarmState = from;
  const transitions: (Transition & { readonly after: AlarmState })[] = [];
  for (const one of inputs) {
    const next = step(state, one, settings);
    state = next.state;
    for (const transition of next.transitions) transitions.push({ ...transition, after: state });
  }
  return { state, transitions };
}

/** `12 raised: normal -> active, warning #1, alert`. */
export function formatRun({ transitions, state }: ReturnType<typeof run>): string {
  const lines = transitions.map(({ timeMs, kind, from, to, alert, after }) => {
    const occurrence = after.occurrence === 0 ? '' : `, ${bands[after.band]} #${after.occurrence}`;
    return `${timeMs / 1000} ${kind}: ${from} -> ${to}${occurrence}${alert ? ', alert' : ''}`;
  });
  const seconds = (timeMs: number | null) => (timeMs === null ? '-' : String(timeMs / 1000));
  const end = `end: startsAt ${seconds(state.startsAt)}, endsAt ${seconds(state.endsAt)}, ackedAt ${seconds(state.ackedAt)} by ${state.ackedBy?.by ?? '-'}, returns ${state.returns}`;
  return [...lines, end, ''].join('\n');
}
