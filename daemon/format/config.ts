/** `publish` in the config: other programs' formats and conventions, all off unless asked for. */
import { z } from 'zod';

export const formatFields = {
  format: z
    .enum(['anomalyd', 'lookout'])
    .default('anomalyd')
    .describe('of alerts on <base>/<asset>/event: our own, or the fields of AWS Lookout for Equipment'),
  homeAssistant: z
    .strictObject({
      discovery: z.boolean().default(false).describe('true = announce assets to Home Assistant by MQTT discovery'),
      prefix: z.string().min(1).default('homeassistant').describe("Home Assistant's discovery prefix"),
    })
    .prefault({}),
  alertmanager: z
    .strictObject({
      url: z
        .url({ protocol: /^https?$/, error: 'must be a URL, such as http://alertmanager:9093' })
        .refine((url) => !URL.canParse(url) || new URL(url).username === '', 'must hold no user and password')
        .optional()
        .describe("Alertmanager's address, e.g. http://alertmanager:9093; alarms are pushed to its /api/v2/alerts"),
      repeatS: z
        .number()
        .min(5)
        .max(3600)
        .default(60)
        .describe('how often open alarms are pushed again; Alertmanager forgets what it does not hear of'),
    })
    .prefault({}),
} as const;
