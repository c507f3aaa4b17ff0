/** Verdicts against labels: the measures of one file, and of a whole set. */
import { addConfusion, type Confusion, confusionOf, rates } from '../measures/confusion.js';
import { countEvents, type EventCounts, poolEvents } from '../measures/events.js';
import { median } from '../measures/median.js';
import { aucPr, vusPr } from '../measures/vus.js';
import type { Series } from '../sets/series.js';
import type { Verdicts } from './verdicts.js';

/** One method on one file with one seed. */
export interface FileMeasures {
  readonly confusion: Confusion;
  readonly events: EventCounts;
  /** Null where the file has no anomaly, or nothing else. */
  readonly vusPr: number | null;
  readonly aucPr: number | null;
}

/** One method on a set. F1 of 0..1; rates in per cent; null = there was nothing to measure. */
export interface Summary {
  readonly f1: number;
  readonly far: number;
  readonly mar: number;
  /** Means over files. */
  readonly vusPr: number | null;
  readonly aucPr: number | null;
  readonly events: number;
  /** Some alarm began inside the event. */
  readonly eventsFound: number;
  readonly falseAlarmsPerNormalHour: number | null;
  readonly medianDelayS: number | null;
  readonly seeds: number;
}

export function labelsOf({ labels, fitRows }: Series): Uint8Array {
  return labels.subarray(fitRows);
}

export function measure(series: Series, { scores, alarms }: Verdicts, vusBuffer: number): FileMeasures {
  const labels = labelsOf(series);
  const timesS = series.timesS.subarray(series.fitRows);
  const both = labels.includes(1) && labels.includes(0);
  return {
    confusion: confusionOf(labels, alarms),
    events: countEvents(labels, alarms, { timesS }),
    vusPr: both ? vusPr(labels, scores, vusBuffer) : null,
    aucPr: both ? aucPr(labels, scores) : null,
  };
}

/** Pools the counts of files and averages the rest; the result of several seeds is their mean. */
export function summarise(bySeed: readonly (readonly FileMeasures[])[]): Summary {
  const each = bySeed.map((files) => {
    const events = poolEvents(files.map((file) => file.events));
    const { f1, far, mar } = rates(files.map(({ confusion }) => confusion).reduce(addConfusion));
    return {
      f1,
      far,
      mar,
      vusPr: mean(files.flatMap((file) => file.vusPr ?? [])),
      aucPr: mean(files.flatMap((file) => file.aucPr ?? [])),
      events: events.events,
      eventsFound: events.detectedOnset,
      falseAlarmsPerNormalHour: events.normalS > 0 ? events.falseAlarms / (events.normalS / 3600) : null,
      medianDelayS: events.onsetDelaysS.length > 0 ? median(events.onsetDelaysS) : null,
    };
  });
  const over = <K extends keyof (typeof each)[number]>(key: K) => mean(each.flatMap((one) => one[key] ?? []));
  return {
    f1: over('f1') ?? 0,
    far: over('far') ?? 0,
    mar: over('mar') ?? 0,
    vusPr: over('vusPr'),
    aucPr: over('aucPr'),
    events: over('events') ?? 0,
    eventsFound: over('eventsFound') ?? 0,
    falseAlarmsPerNormalHour: over('falseAlarmsPerNormalHour'),
    medianDelayS: over('medianDelayS'),
    seeds: bySeed.length,
  };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
