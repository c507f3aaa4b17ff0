/** `alarms` in the config: the schema of alarm settings, with every default once, overrides by asset and bundle, and maintenance windows. */
import { z } from 'zod';

const seconds = z.number().nonnegative().max(31_536_000);

/** What can be set for all assets, and again for some of them. */
const fields = {
  onDelayS: seconds.describe(
    'severity must stay at or above 1 this long, in event time, before an alarm begins. The persistence that the bundle was calibrated with comes before it',
  ),
  offDelayS: seconds.describe(
    'severity must stay below `clearAt` this long before the alarm ends; at least ten frames in any case',
  ),
  clearAt: z
    .number()
    .gt(0)
    .lte(1)
    .describe('severity below which an alarm may end; what lies between it and 1 is the deadband'),
  highAt: z
    .number()
    .gt(1)
    .describe('severity from which an alarm is `high`. 2 = the probability of the threshold, squared'),
  criticalAt: z.number().gt(1).describe('severity from which an alarm is `critical`'),
  deescalateS: seconds.describe(
    'severity must stay below `clearAt` times the level of its band this long before the alarm steps down a band',
  ),
  reAlarmS: seconds.describe(
    'an alarm that is still there after this time is announced anew and must be acknowledged anew, and again after twice this time, as far as its fault has alerts left (docs/alarm-rules.md, rule 17); 0 = never',
  ),
  flapWindowS: seconds.describe(
    'an alarm that returns within this time after it ended is flapping: it stays open until it has been quiet for `flapHoldS`, and six times as long after each further return, up to this time; 0 = no flapping suppression',
  ),
  flapHoldS: seconds.describe(
    'how long a flapping alarm must be quiet before it ends; by default a shift, so that one fault costs few alerts (docs/alarm-rules.md, rule 20)',
  ),
  latch: z.boolean().describe('true = an alarm stays active until it is acknowledged, also when all is normal again'),
  acknowledge: z
    .enum(['auto', 'required'])
    .describe(
      '`auto`: an alarm that has ended is done. `required`: its state stays (cleared-unacknowledged) until someone acknowledges it',
    ),
  refreshS: seconds.describe(
    'how often the retained state of an open alarm gets new evidence, without an alert; 0 = never',
  ),
  sensorFaults: z.boolean().describe('raise an alarm for signals that are missing, stuck, spiking or out of range'),
  sensorFaultDelayS: seconds.describe(
    'a signal must stay faulty this long before an alarm begins. It is faulty when ten of its last thirty frames failed, or it spiked three times within a hundred frames; the latter until two hundred have passed without a spike',
  ),
  staleAfterS: seconds.describe(
    'silence of an asset after which it is offline and a data-stale alarm begins; 0 = ten times its usual interval, at least a minute',
  ),
};

const asset = z.string().min(1).max(256).describe('asset name; `*` stands for any characters');

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must look like 02:30');
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

const instant = z.iso.datetime({ offset: true, error: 'must be a time with a zone, such as 2026-01-31T06:00:00Z' });

const once = z
  .strictObject({
    assets: asset.default('*'),
    from: instant.describe('event time at which it begins'),
    to: instant.describe('event time at which it ends'),
  })
  .refine(({ from, to }) => !(Date.parse(from) >= Date.parse(to)), '`to` must be later than `from`');

const weekly = z
  .strictObject({
    assets: asset.default('*'),
    days: z
      .array(z.enum(days))
      .min(1)
      .default([...days])
      .describe('days on which it begins'),
    start: clockTime.describe('UTC'),
    end: clockTime.describe('UTC; at or before `start` = on the next day'),
  })
  .refine((window) => window.start !== window.end, '`end` must differ from `start`');

const override = z
  .strictObject(fields)
  .partial()
  .extend({
    assets: asset.default('*'),
    bundle: z.string().min(1).optional().describe('only assets scored by this bundle'),
  });

/**
 * Severity is the ratio of -ln p to that of the alarm threshold, so the bands are powers of a probability: `high` p squared, `critical` p to the fourth.
 * Where residuals are Gaussian -ln p grows with the square of the deviation: `high` deviates 1.4 times, `critical` twice as far as the threshold does.
 * `warning` begins at 1.
 */
export const alarmConfigSchema = z
  .strictObject({
    onDelayS: fields.onDelayS.default(0),
    offDelayS: fields.offDelayS.default(60),
    clearAt: fields.clearAt.default(0.8),
    highAt: fields.highAt.default(2),
    criticalAt: fields.criticalAt.default(4),
    deescalateS: fields.deescalateS.default(600),
    reAlarmS: fields.reAlarmS.default(0),
    flapWindowS: fields.flapWindowS.default(43_200),
    flapHoldS: fields.flapHoldS.default(28_800),
    latch: fields.latch.default(false),
    acknowledge: fields.acknowledge.default('auto'),
    refreshS: fields.refreshS.default(60),
    sensorFaults: fields.sensorFaults.default(true),
    sensorFaultDelayS: fields.sensorFaultDelayS.default(10),
    staleAfterS: fields.staleAfterS.default(0),
    maxShelveS: seconds
      .positive()
      .default(604_800)
      .describe('longest time that an alarm may be shelved; longer requests are refused'),
    overrides: z
      .array(override)
      .default([])
      .describe('other settings for some assets; where several match, the later one wins, setting by setting'),
    maintenance: z
      .array(z.union([once, weekly]))
      .default([])
      .describe('windows of event time in which alarms of some assets send no alerts'),
  })
  .superRefine((config, check) => {
    const wrong = (path: (string | number)[]) =>
      check.addIssue({ code: 'custom', path: [...path, 'criticalAt'], message: 'must be larger than `highAt`' });
    if (config.criticalAt <= config.highAt) wrong([]);
    config.overrides.forEach((over, i) => {
      if ((over.criticalAt ?? config.criticalAt) <= (over.highAt ?? config.highAt)) wrong(['overrides', i]);
    });
  });

export type AlarmConfig = z.infer<typeof alarmConfigSchema>;
export type MaintenanceWindow = AlarmConfig['maintenance'][number];
export const weekDays: readonly string[] = days;
