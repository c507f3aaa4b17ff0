/** Checks alarms read back from disk: what another version wrote is taken up only if it is whole. */
import { z } from 'zod';
import { bundleSchema, causeSchema, diagnosticSchema, sensorSignalSchema, suspectSchema } from '../message/alarm.js';
import { type AlarmState, alarmTypes } from './state.js';
import type { StoredAlarm } from './view.js';

const time = z.number().nullable();
const author = { by: z.string().nullable(), comment: z.string().nullable() };

const stateSchema: z.ZodType<AlarmState> = z.object({
  source: z.string(),
  occurrence: z.int().nonnegative(),
  id: z.string(),
  condition: z.enum(['normal', 'pending', 'active']),
  open: z.boolean(),
  acknowledged: z.boolean(),
  latched: z.boolean(),
  latchTold: z.boolean().default(false),
  pendingSince: time,
  startsAt: time,
  raisedAt: time,
  endsAt: time,
  updatedAt: z.number(),
  ackedAt: time,
  ackedBy: z.object(author).nullable(),
  quietSince: time,
  band: z.int().min(0).max(2),
  lowerSince: time,
  told: z.int().min(-1).max(2),
  // Older versions did not count it.
  news: z.int().nonnegative().default(0),
  announced: z.boolean(),
  returns: z.int().nonnegative(),
  announcedAt: time,
  reAlarms: z.int().nonnegative(),
  shelf: z.object({ ...author, untilMs: z.number() }).nullable(),
  outOfService: z.object(author).nullable(),
  maintenance: z.boolean(),
});

export const storedAlarmSchema: z.ZodType<StoredAlarm> = z.object({
  asset: z.string(),
  type: z.enum(alarmTypes),
  state: stateSchema,
  evidence: z
    .object({
      timeMs: z.number(),
      score: z.number(),
      mode: z.string().nullable(),
      reason: z.string(),
      message: z.string(),
      suspect: suspectSchema.nullable(),
      cause: causeSchema.nullable().default(null),
      diagnostics: z.array(diagnosticSchema),
      signals: z.array(sensorSignalSchema),
      bundle: bundleSchema.nullable(),
    })
    .nullable(),
});
