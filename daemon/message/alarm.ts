/** What we publish of alarms: the retained state, the alert that each change sends, and their parts; schemas and types in one. */
import { z } from 'zod';
import { alarmTypes, bands, phases } from '../alarm/state.js';
import { transitionKinds } from '../alarm/transition.js';

const time = z.iso.datetime().describe('UTC, ISO 8601');
const maybe = <T extends z.ZodType>(type: T) => type.nullable();

export const diagnosticSchema = z.strictObject({
  signal: z.string(),
  contribution: z.number().min(0).max(1).describe('share of the evidence; all shares of an alarm sum to 1'),
  explains: maybe(z.number().min(0).max(1)).describe(
    'share of the deviation that is gone when the machine is judged without this signal; null = not looked into',
  ),
  expected: maybe(z.number()).describe('what the detector expected, in `unit`'),
  actual: maybe(z.number()).describe('what came in, in `unit`; null = missing'),
  unit: z.string(),
  direction: maybe(z.enum(['above', 'below'])).describe('of the actual value, seen from the expected one'),
});

export const suspectSchema = z
  .strictObject({
    verdict: z
      .enum(['undecided', 'sensor'])
      .describe(
        'sensor: check it before the machine; undecided: a wrong sensor, or a machine whose trouble shows in this signal alone so far: an event `diagnosed` tells when it is clear',
      ),
    signals: z
      .array(z.string())
      .min(1)
      .describe('each of which would explain the deviation alone, or is faulty; the likeliest first'),
  })
  .describe('what may be a sensor’s doing; null = nothing, as far as is known');

export const causeSchema = z
  .strictObject({
    class: z
      .string()
      .describe('a class that the classifier of the bundle has learned; `unknown` = none is likely enough'),
    probability: z.number().min(0).max(1).describe('of the likeliest class'),
  })
  .describe('kind of fault; null = the bundle has no classifier, or a sensor is behind it');

export const sensorSignalSchema = z.strictObject({
  signal: z.string(),
  fault: z.enum(['missing', 'out-of-range', 'spike', 'flat-line']),
  since: time,
  masked: z.boolean().describe('the machine is judged without it'),
});

export const bundleSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  hash: z.string().describe("SHA-256 of the bundle's manifest"),
});

const alarmFields = {
  id: maybe(z.string()).describe(
    'of this occurrence, made by the gateway; null = silenced before the first occurrence',
  ),
  asset: z.string(),
  type: z.enum(alarmTypes),
  state: z.enum(phases),
  severity: maybe(z.enum(bands)).describe('null = no occurrence is open'),
  score: maybe(z.number().nonnegative()).describe('severity as a number at `updatedAt`: 1 = the alarm threshold'),
  startsAt: maybe(time).describe('when the deviation began (event time)'),
  updatedAt: maybe(time).describe('of the newest change or evidence'),
  endsAt: maybe(time).describe('when all was normal again (event time)'),
  ackedAt: maybe(time).describe('when it was acknowledged (clock of the gateway)'),
  reason: z.string().describe('in a few words'),
  message: z.string().describe('in a sentence or two, for people'),
  suspect: maybe(suspectSchema),
  cause: maybe(causeSchema),
  mode: maybe(z.string()).describe(
    'what the asset was doing: `steady`, or the name of a regime of its bundle; not judged: `warm-up`, `no-data`, `off`, `start-up`',
  ),
  diagnostics: z
    .array(diagnosticSchema)
    .describe('all signals: first those that explain most, then by their share of the evidence'),
  signals: z
    .array(sensorSignalSchema)
    .describe(
      'of a sensor-fault, and of a machine-anomaly that was judged meanwhile: which signals are faulty, and how',
    ),
  bundle: maybe(bundleSchema),
  config: maybe(z.string()).describe('SHA-256 of the config in force'),
  group: maybe(z.string()).describe("id of the oldest open alarm of the asset: one group is one asset's trouble"),
  occurrence: z.int().nonnegative(),
  flapping: z.boolean().describe('it comes and goes, and stays open until it has been quiet for long'),
  latched: z.boolean().describe('all is normal again; it waits for an acknowledgement'),
  reAlarms: z.int().nonnegative().describe('how often it was announced anew'),
  shelvedUntil: maybe(time),
  by: maybe(z.string()).describe('who acknowledged, shelved or took it out of service last'),
  comment: maybe(z.string()),
};

/** `<base>/<asset>/alarm/<type>`, retained; an empty payload = normal. */
export const alarmSchema = z.strictObject(alarmFields);

export const windowSchema = z.strictObject({
  times: z.array(time),
  values: z.record(z.string(), z.array(maybe(z.number()))).describe('by signal, in its unit'),
  expected: z.record(z.string(), z.array(maybe(z.number()))),
});

/** `<base>/<asset>/event`: the alert of one change, not retained. */
export const eventSchema = z.strictObject({
  seq: z
    .int()
    .positive()
    .describe('counts all alerts of the gateway without a gap; the same number twice = the same alert again'),
  event: z.enum(transitionKinds),
  time: time.describe('when it happened: event time, or the clock of the gateway for what people and timers did'),
  previous: z.enum(phases).describe('state before it'),
  ...alarmFields,
  window: maybe(windowSchema).describe('the newest frames of the leading signals'),
});

export type Diagnostic = z.infer<typeof diagnosticSchema>;
export type Suspect = z.infer<typeof suspectSchema>;
export type Cause = z.infer<typeof causeSchema>;
export type SensorSignal = z.infer<typeof sensorSignalSchema>;
export type BundleRef = z.infer<typeof bundleSchema>;
export type AlarmMessage = z.infer<typeof alarmSchema>;
export type ValueWindow = z.infer<typeof windowSchema>;
export type EventMessage = z.infer<typeof eventSchema>;
