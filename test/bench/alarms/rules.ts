/** The rules of alarms, told a second time from what came in: which transitions they ask for, and which they do not explain. */
import type { AlarmChange } from '../../../daemon/alarm/alarms.js';
import type { AlarmConfig } from '../../../daemon/alarm/config.js';
import { maintenanceAt, windowsOf } from '../../../daemon/alarm/maintenance.js';
import type { Transition } from '../../../daemon/alarm/transition.js';
import { type AssetWeek, periodMs, startMs, weekFrames } from './scenario.js';

export type Told = Omit<AlarmChange, 'transition'> & { readonly transition: Transition };

const frameOf = (timeMs: number) => Math.round((timeMs - startMs) / periodMs);
const offFrames = (config: AlarmConfig) => Math.max(Math.ceil((config.offDelayS * 1000) / periodMs), 10);

/** One line for each transition of an asset that the rules do not explain, and for each that they ask for and that is missing. */
export function unexplained(week: AssetWeek, told: readonly Told[], config: AlarmConfig): string[] {
  const of = (type: string) => told.filter(({ message }) => message.type === type);
  return [
    ...machine(week, of('machine-anomaly'), config),
    ...sensor(week, of('sensor-fault')),
    ...stale(week, of('data-stale'), config),
    ...silences(week, told, config),
    ...chain(told),
  ].map((what) => `${week.name}: ${what}`);
}

/** Frames of the week that are there, with what the rules say of the machine after each. */
function machine(week: AssetWeek, told: readonly Told[], config: AlarmConfig): string[] {
  const problems: string[] = [];
  const levels = [1, config.highAt, config.criticalAt];
  const expected = new Map<number, string>();
  let active = false;
  let quiet = -1;
  let ended = Number.NEGATIVE_INFINITY;
  let returns = 0;
  let band = 0;
  let lower = -1;
  for (let frame = 0; frame < weekFrames; frame++) {
    if (week.present[frame] !== 1) continue;
    const severity = week.severity[frame] ?? 0;
    const reached = levels.filter((level) => severity >= level).length - 1;
    if (!active) {
      if (reached < 0) continue;
      expected.set(frame, 'raised');
      returns = (frame - ended) * periodMs < config.flapWindowS * 1000 ? returns + 1 : 0;
      [active, quiet, band, lower] = [true, -1, reached, -1];
      continue;
    }
    if (severity < config.clearAt) {
      if (quiet < 0) quiet = frame;
      const hold = returns === 0 ? 0 : Math.min(config.flapWindowS, config.flapHoldS * 6 ** (returns - 1));
      if (frame - quiet < Math.max(offFrames(config), (hold * 1000) / periodMs)) continue;
      expected.set(frame, 'cleared');
      [active, ended] = [false, quiet];
      continue;
    }
    quiet = -1;
    if (reached > band) {
      expected.set(frame, 'escalated');
      [band, lower] = [reached, -1];
    } else if (band > 0 && severity < (levels[band] ?? 1) * config.clearAt) {
      if (lower < 0) lower = frame;
      if ((frame - lower) * periodMs < config.deescalateS * 1000) continue;
      expected.set(frame, 'de-escalated');
      [band, lower] = [band - 1, frame];
    } else lower = -1;
  }
  const process = ['raised', 'cleared', 'escalated', 'de-escalated'];
  for (const { transition } of told) {
    if (!process.includes(transition.kind)) continue;
    const frame = frameOf(transition.timeMs);
    if (expected.get(frame) === transition.kind) expected.delete(frame);
    else problems.push(`machine ${transition.kind} in frame ${frame}`);
  }
  for (const [frame, kind] of expected) problems.push(`machine not ${kind} in frame ${frame}`);
  return problems;
}

/** Sensor faults by a coarser rule: begun only after three faulty frames in thirty, never ended while eight of ten are faulty, never missed for long. */
function sensor(week: AssetWeek, told: readonly Told[]): string[] {
  const problems: string[] = [];
  const faulty = (from: number, to: number) => {
    let count = 0;
    let seen = 0;
    for (let frame = to; frame >= 0 && seen < to - from; frame--)
      if (week.present[frame] === 1) {
        seen++;
        if (week.health[frame] !== 0) count++;
      }
    return count;
  };
  /** Spikes, each a run of frames, lately enough to count together. */
  const spikes = (to: number) => {
    let count = 0;
    for (let frame = Math.max(1, to - 190); frame <= to; frame++)
      if (week.health[frame] === 3 && week.health[frame - 1] !== 3) count++;
    return count;
  };
  const spans: [number, number][] = [];
  for (const { transition } of told) {
    const frame = frameOf(transition.timeMs);
    if (transition.kind === 'raised') {
      spans.push([frame, weekFrames]);
      if (faulty(frame - 30, frame) < 3 && spikes(frame) < 3) problems.push(`sensor raised in frame ${frame}`);
    } else if (transition.kind === 'cleared') {
      const span = spans.at(-1);
      if (span !== undefined) span[1] = frame;
      if (faulty(frame - 10, frame) > 7) problems.push(`sensor cleared in frame ${frame}`);
    } else if (transition.kind === 'widened') problems.push(`sensor widened in frame ${frame}`);
  }
  let run = 0;
  for (let frame = 0; frame < weekFrames; frame++) {
    if (week.present[frame] !== 1) continue;
    run = week.health[frame] === 0 ? 0 : run + 1;
    if (run === 15 && !spans.some(([from, to]) => from <= frame && frame < to))
      problems.push(`sensor not raised in frame ${frame}`);
  }
  return problems;
}

function stale(week: AssetWeek, told: readonly Told[], config: AlarmConfig): string[] {
  const problems: string[] = [];
  const patience = Math.ceil((config.staleAfterS * 1000) / periodMs);
  const lastSeen = (frame: number) => {
    for (let at = frame; at >= 0; at--) if (week.present[at] === 1) return at;
    return 0;
  };
  const gaps = week.faults.filter(({ kind, from, to }) => kind === 'silence' && to - from > patience + 2);
  const raised = told.filter(({ transition }) => transition.kind === 'raised');
  for (const { transition } of told) {
    const frame = frameOf(transition.timeMs);
    if (transition.kind === 'raised' && frame - lastSeen(frame) < patience)
      problems.push(`stale raised in frame ${frame}`);
    if (transition.kind === 'cleared' && week.present[frame] !== 1) problems.push(`stale cleared in frame ${frame}`);
  }
  for (const { from, to } of gaps) {
    const found = raised.filter(
      ({ transition }) => frameOf(transition.timeMs) >= from && frameOf(transition.timeMs) < to,
    );
    if (found.length !== 1) problems.push(`${found.length} stale alarms in the gap from frame ${from}`);
  }
  return problems;
}

/** Silence begins and ends only by a command, by the clock, or by a maintenance window. */
function silences(week: AssetWeek, told: readonly Told[], config: AlarmConfig): string[] {
  const windows = windowsOf(config.maintenance, week.name);
  const commanded = (name: string, frame: number) =>
    week.commands.some((command) => command.name === name && Math.abs(command.frame - frame) <= 1);
  const expired = (frame: number) =>
    week.commands.some(
      ({ name, frame: from, durationS = 0 }) =>
        name === 'alarm/shelve' && Math.abs(from + (durationS * 1000) / periodMs - frame) <= 1,
    );
  const rules: Record<string, (frame: number, timeMs: number) => boolean> = {
    acknowledged: (frame) => commanded('alarm/ack', frame),
    shelved: (frame) => commanded('alarm/shelve', frame),
    unshelved: (frame) => commanded('alarm/unshelve', frame) || expired(frame),
    'out-of-service': (frame) => commanded('alarm/out-of-service', frame),
    'in-service': (frame) => commanded('alarm/in-service', frame),
    suppressed: (_frame, timeMs) => maintenanceAt(windows, timeMs).on,
    unsuppressed: (_frame, timeMs) => !maintenanceAt(windows, timeMs).on,
  };
  return told
    .filter(({ transition: { kind, timeMs } }) => rules[kind]?.(frameOf(timeMs), timeMs) === false)
    .map(({ transition: { kind, timeMs }, message }) => `${message.type} ${kind} in frame ${frameOf(timeMs)}`);
}

/** Each transition begins where the one before ended, and ids are never used twice. */
function chain(told: readonly Told[]): string[] {
  const problems: string[] = [];
  const phase = new Map<string, string>();
  const ids = new Set<string>();
  for (const { message, transition, stored } of told) {
    const before = phase.get(message.type) ?? 'normal';
    if (transition.from !== before)
      problems.push(`${message.type} ${transition.kind} from ${transition.from}, but it was ${before}`);
    phase.set(message.type, transition.to);
    if (transition.kind !== 'raised') continue;
    if (ids.has(stored.state.id)) problems.push(`${message.type} id used twice`);
    ids.add(stored.state.id);
  }
  return problems;
}
