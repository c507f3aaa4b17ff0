/** Event-wise alarm quality: what an operator sees of a row of verdicts. */
import { median } from './median.js';
import { runsOf } from './runs.js';

export interface EventOptions {
  /** Seconds since any origin, one a row; default: the row number. */
  readonly timesS?: ArrayLike<number>;
  /** Rows after an event's end in which an alarm still counts for it. */
  readonly grace?: number;
  /** Rows before an event's start in which an alarm counts as its onset. */
  readonly early?: number;
  /** Alarms separated by at most so many rows are one alarm. */
  readonly hold?: number;
}

export interface EventCounts {
  readonly events: number;
  /** Some alarm overlaps the event. */
  readonly detected: number;
  /** Some alarm starts inside the event: an alarm that is stuck on gets no credit. */
  readonly detectedOnset: number;
  readonly alarms: number;
  /** Alarms that overlap no event. */
  readonly falseAlarms: number;
  /** Watched seconds outside events; a gap counts as ten rows at most. */
  readonly normalS: number;
  /** First alarmed row in the event minus the event's start, seconds, of each detected event. */
  readonly delaysS: readonly number[];
  /** First alarm that starts in the event minus the event's start, seconds. */
  readonly onsetDelaysS: readonly number[];
}

export function countEvents(
  labels: ArrayLike<number>,
  verdicts: ArrayLike<number>,
  { timesS, grace = 0, early = 0, hold = 0 }: EventOptions = {},
): EventCounts {
  const n = labels.length;
  const time = (row: number): number => (timesS === undefined ? row : (timesS[row] as number));
  const events = runsOf(labels);
  const alarms = runsOf(verdicts, hold);
  const claimed = new Set<number>();
  const delaysS: number[] = [];
  const onsetDelaysS: number[] = [];
  let previousEnd = -1;
  events.forEach(({ start, end }, k) => {
    const next = events[k + 1]?.start ?? n;
    const last = Math.min(end + grace, next - 1);
    const first = Math.max(start - early, previousEnd + 1);
    const hits = alarms.flatMap((alarm, i) => (alarm.end >= start && alarm.start <= last ? [i] : []));
    const onsets = alarms.flatMap((alarm, i) => (alarm.start >= first && alarm.start <= last ? [i] : []));
    for (const i of [...hits, ...onsets]) claimed.add(i);
    const hit = alarms[hits[0] ?? -1];
    if (hit !== undefined) delaysS.push(Math.max(0, time(Math.max(hit.start, start)) - time(start)));
    const onset = alarms[onsets[0] ?? -1];
    if (onset !== undefined) onsetDelaysS.push(time(onset.start) - time(start));
    previousEnd = last;
  });
  return {
    events: events.length,
    detected: delaysS.length,
    detectedOnset: onsetDelaysS.length,
    alarms: alarms.length,
    falseAlarms: alarms.length - claimed.size,
    normalS: normalSeconds(labels, n, time),
    delaysS,
    onsetDelaysS,
  };
}

function normalSeconds(labels: ArrayLike<number>, n: number, time: (row: number) => number): number {
  const steps = Array.from({ length: Math.max(n - 1, 0) }, (_, i) => time(i + 1) - time(i));
  const step = steps.length > 0 ? median(steps) : 1;
  let sum = 0;
  for (let i = 0; i < n; i++) if ((labels[i] as number) <= 0) sum += Math.min(steps[i] ?? step, 10 * step);
  return sum;
}

/** Micro-average: counts and lists of several files as one. */
export function poolEvents(parts: readonly EventCounts[]): EventCounts {
  const sum = (pick: (part: EventCounts) => number): number => parts.reduce((total, part) => total + pick(part), 0);
  return {
    events: sum((p) => p.events),
    detected: sum((p) => p.detected),
    detectedOnset: sum((p) => p.detectedOnset),
    alarms: sum((p) => p.alarms),
    falseAlarms: sum((p) => p.falseAlarms),
    normalS: sum((p) => p.normalS),
    delaysS: parts.flatMap((p) => p.delaysS),
    onsetDelaysS: parts.flatMap((p) => p.onsetDelaysS),
  };
}
