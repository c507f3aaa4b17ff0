/** Alarms in numbers, for the metrics. */
import type { AlarmChange, Alarms } from './alarm/alarms.js';
import { alarmTypes, bands } from './alarm/state.js';
import type { AlarmView } from './metrics-state.js';

/** Every type has its series from the start, so that a rate over the first alert is right. */
const alwaysShown = ['raised', 'cleared'] as const;

export class AlarmCounts implements AlarmView {
  private readonly told = new Map<string, { readonly type: string; readonly event: string; count: number }>();

  constructor(private readonly alarms: Pick<Alarms, 'snapshot'>) {
    for (const type of alarmTypes) for (const event of alwaysShown) this.entry(type, event);
  }

  note({ message, transition }: AlarmChange): void {
    if (transition?.alert === true) this.entry(message.type, transition.kind).count++;
  }

  alerts() {
    return this.told.values();
  }

  *active() {
    const counts = new Map(alarmTypes.map((type) => [type, bands.map(() => 0)]));
    for (const { type, state } of this.alarms.snapshot()) {
      const row = counts.get(type);
      if (row !== undefined && state.condition === 'active') row[state.band] = (row[state.band] ?? 0) + 1;
    }
    for (const [type, row] of counts) for (const [i, band] of bands.entries()) yield { type, band, count: row[i] ?? 0 };
  }

  *standing() {
    for (const { asset, type, state } of this.alarms.snapshot())
      if (state.condition === 'active') yield { asset, type, band: state.band + 1 };
  }

  private entry(type: string, event: string) {
    const key = `${type} ${event}`;
    const known = this.told.get(key);
    if (known !== undefined) return known;
    const fresh = { type, event, count: 0 };
    this.told.set(key, fresh);
    return fresh;
  }
}
