/** Alarms of a few pumps, fed frame by frame, and all that they told. */
import { type AlarmChange, Alarms } from '../../../daemon/alarm/alarms.js';
import { alarmConfigSchema } from '../../../daemon/alarm/config.js';
import { batch, type Frame, pumps, startMs } from './batches.js';

export function watched(config: object = {}, assets: string[] = ['pump-1', 'pump-2', 'pump-3']) {
  const changes: AlarmChange[] = [];
  const alarms = new Alarms({
    gateway: 'gw',
    config: alarmConfigSchema.parse(config),
    configHash: 'cd'.repeat(32),
    onChange: (change) => changes.push(change),
  });
  alarms.setBundle(0, pumps(assets));
  const feed = (...frames: Frame[]) => {
    for (const frame of frames) alarms.results(0, batch([frame]), frame.timeMs);
  };
  const alerts = () => changes.filter(({ transition }) => transition?.alert === true);
  const kinds = () =>
    changes.map(({ transition, message }) => `${message.asset} ${message.type} ${transition?.kind ?? 'refresh'}`);
  return { alarms, changes, alerts, feed, kinds };
}

/** Seconds from `from` up to and with `to`. */
export const run = (from: number, to: number, frame: Omit<Frame, 'timeMs'>): Frame[] =>
  Array.from({ length: to - from + 1 }, (_, k) => ({ ...frame, timeMs: startMs + (from + k) * 1000 }));
/** Of a command. */
export const silence = { by: 'kim', comment: 'new bearing' };
