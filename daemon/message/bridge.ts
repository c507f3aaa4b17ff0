/** What we publish of ourselves and of assets as such: availability, health, scores; the shapes of zigbee2mqtt where it has one. */
import { z } from 'zod';

const count = z.number().nonnegative();

/** `<base>/bridge/state` and `<base>/<asset>/availability`, retained. `offline` on `bridge/state` is also the last will. */
export const availabilitySchema = z.strictObject({ state: z.enum(['online', 'offline']) });

/** `<base>/bridge/health`, retained. */
export const healthSchema = z.strictObject({
  response_time: count.describe('when it was written, milliseconds since 1970'),
  os: z.strictObject({
    load_average: z.array(count).length(3),
    memory_used_mb: count,
    memory_percent: count,
  }),
  process: z.strictObject({ uptime_sec: count, memory_used_mb: count, memory_percent: count }),
  mqtt: z.strictObject({
    connected: z.boolean(),
    queued: count.describe('messages that wait for the broker'),
    received: count,
    published: count,
    dropped: count.describe('alerts lost because too many waited'),
  }),
  devices: z
    .record(z.string(), z.strictObject({ messages: count, messages_per_sec: count }))
    .describe('assets by name; `messages` are frames'),
  anomalyd: z.strictObject({
    version: z.string(),
    gateway: z.string(),
    config: z.string().nullable().describe('SHA-256 of the config in force'),
    bundles: z.array(z.strictObject({ name: z.string(), version: z.string(), hash: z.string(), assets: count })),
    assets: z.strictObject({ known: count, offline: count }),
    alarms: z.strictObject({ active: count, acknowledged: count, unacknowledged: count, silenced: count }),
    silent: z
      .boolean()
      .describe('connected, but nothing comes in from any asset; the alarm `bridge/alarm/data-stale` says so too'),
    inputs: z
      .array(
        z.strictObject({
          topic: z.string(),
          messages: count,
          last: count.nullable().describe('when the newest message came, milliseconds since 1970'),
          silent: z.boolean(),
        }),
      )
      .describe('each topic that is listened to'),
    refused: z.array(z.string()).describe('subscriptions that the broker refuses'),
    frames: count.describe('scored since the start'),
    rejected: count.describe('readings rejected since the start'),
  }),
});

/** `<base>/<asset>/score`, QoS 0, not retained, when `publish.scores` is on. */
export const scoreSchema = z.strictObject({
  time: z.iso.datetime().describe('of the frame (event time)'),
  severity: z.number().nonnegative().describe('1 = the alarm threshold; on-delay included'),
  instant: z.number().nonnegative().describe('of this frame alone'),
  mode: z
    .string()
    .describe(
      '`steady`, or the name of a regime of the bundle; not judged, severity 0: `warm-up`, `no-data`, `off`, `start-up`',
    ),
  reason: z.string().describe('why it is judged so, or not at all, in a few words'),
  bundle: z.string(),
});

export type Availability = z.infer<typeof availabilitySchema>;
export type HealthMessage = z.infer<typeof healthSchema>;
export type ScoreMessage = z.infer<typeof scoreSchema>;
