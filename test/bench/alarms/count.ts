/** Alerts counted: how many each trouble of an asset costs, and how many came in a silence. */
import type { AlarmConfig } from '../../../daemon/alarm/config.js';
import { maintenanceAt, windowsOf } from '../../../daemon/alarm/maintenance.js';
import type { Told } from './rules.js';
import { type Ask, type AssetWeek, periodMs, type Trouble, weekFrames } from './scenario.js';

/** What someone has just done is told to the others; it is no alert that a fault costs. The end of a silence and a reminder are, but for a shelf of a known alarm whose time, which someone has set, is up. */
const answers = ['acknowledged', 'shelved', 'out-of-service'];
/** What each alarm is about. */
const trackOf: Readonly<Record<string, Trouble['track']>> = {
  'machine-anomaly': 'machine',
  'sensor-fault': 'sensor',
  'data-stale': 'radio',
};
/** A machine needs a while to be itself again after a repair. */
const afterMs = 3_600_000;

export interface Cost {
  readonly asset: string;
  /** Null = a false alarm: no trouble behind it. */
  readonly trouble: Trouble | null;
  readonly alerts: readonly Told[];
}

/**
 * Every alert but an answer counts for the newest trouble that was there when its alarm began, or came back (`escalated`, `diagnosed`: that is there now): one of
 * its own kind before any other; where there was none, or it was long over when the alarm got worse, for the false alarm that it is.
 */
export function costs(week: AssetWeek, told: readonly Told[], startMs: number): Cost[] {
  const alerts = new Map<Trouble | string, Told[]>();
  const began = new Map<string, number>();
  const heard = new Set<string>();
  let falseAlarm = '';
  for (const one of told) {
    const { message, transition, stored } = one;
    if (message.asset !== week.name) continue;
    const { id } = stored.state;
    if (transition.kind === 'raised' || transition.kind === 'returned') began.set(id, transition.timeMs);
    if (!transition.alert || answers.includes(transition.kind)) continue;
    const isTimer = transition.kind === 'unshelved' && transition.comment === 'expired' && heard.has(id);
    if (transition.kind === 'cleared') heard.delete(id);
    else heard.add(id);
    if (isTimer) continue;
    const sinceMs = began.get(id) ?? transition.timeMs;
    const at = (frame: number) => startMs + frame * periodMs;
    const track = trackOf[message.type];
    const newest = (timeMs: number) => {
      const there = week.troubles.filter(({ from, to }) => timeMs >= at(from) && timeMs < at(to) + afterMs);
      return there.findLast((one) => one.track === track) ?? there.at(-1);
    };
    // An alarm may stay for days and be there still when the next trouble makes it worse.
    const worse = transition.kind === 'escalated' || transition.kind === 'diagnosed';
    const now = worse ? newest(transition.timeMs) : undefined;
    const first = newest(sinceMs);
    const isOver = worse && first !== undefined && transition.timeMs >= at(first.to) + afterMs;
    const trouble = now?.track === track ? now : isOver ? undefined : first;
    if (trouble === undefined) falseAlarm = `${message.type} ${sinceMs}`;
    const cause = trouble ?? falseAlarm;
    const known = alerts.get(cause);
    if (known === undefined) alerts.set(cause, [one]);
    else known.push(one);
  }
  return [...alerts].map(([cause, those]) => ({
    asset: week.name,
    trouble: typeof cause === 'string' ? null : cause,
    alerts: those,
  }));
}

/** Alerts inside shelvings, out-of-service times and maintenance windows; those that tell of their beginning and end left out. */
export function alertsInSilence(
  { name, asks }: AssetWeek,
  told: readonly Told[],
  config: AlarmConfig,
  startMs: number,
): Told[] {
  const windows = windowsOf(config.maintenance, name);
  return told.filter(({ message, transition: { alert, timeMs } }) => {
    if (message.asset !== name || !alert) return false;
    const frame = (timeMs - startMs) / periodMs;
    return (
      maintenanceAt(windows, timeMs).on ||
      spans(asks, message.type).some(([from, to]) => frame > from + 0.5 && frame < to - 0.5)
    );
  });
}

/** Frames from each request for silence to the one that ends it. */
function spans(asks: readonly Ask[], type: string): [number, number][] {
  const meant = asks.filter((ask) => ask.type === null || ask.type === type);
  const end = (from: number, closing: Ask['for']) =>
    meant.find((other) => other.for === closing && other.frame > from)?.frame ?? weekFrames;
  return meant.flatMap((ask): [number, number][] => {
    if (ask.for === 'out-of-service') return [[ask.frame, end(ask.frame, 'in-service')]];
    if (ask.for !== 'shelve') return [];
    const again = meant.find((other) => other.for === 'shelve' && other.frame > ask.frame)?.frame ?? weekFrames;
    const expires = ask.frame + ((ask.durationS ?? 0) * 1000) / periodMs;
    return [[ask.frame, Math.min(expires, end(ask.frame, 'unshelve'), again)]];
  });
}
