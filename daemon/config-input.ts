/** One entry of `inputs:` in the config: which topics to listen to, and how to read asset, time and values from a message. */
import { z } from 'zod';
import type { ConfigTexts } from './config-text.js';
import { waveformSchema } from './config-waveform.js';
import { parseJsonPath } from './json-path.js';
import { timeUnits } from './time.js';
import { parseTopicTemplate } from './topic.js';

const path = (what: string) =>
  z
    .string()
    .superRefine((value, check) => {
      const parsed = parseJsonPath(value);
      if (typeof parsed === 'string') check.addIssue({ code: 'custom', message: parsed });
    })
    .describe(what);

const value = z.union([
  path('where the value stands'),
  z.strictObject({
    path: path('where the value stands'),
    scale: z.number().default(1).describe('value = number * scale + offset'),
    offset: z.number().default(0),
  }),
]);

export const inputSchema = ({ text }: ConfigTexts) =>
  z
    .strictObject({
      topic: text()
        .superRefine((template, check) => {
          const parsed = parseTopicTemplate(template);
          if (typeof parsed === 'string') check.addIssue({ code: 'custom', message: parsed });
        })
        .describe(
          'topics to listen to: `plant/{area}/{asset}/telemetry`, `plant/{asset}/{signal}`; `+` and `#` match as in MQTT',
        ),
      bundle: z
        .string()
        .optional()
        .describe('name of the bundle that scores these assets; may be left out if there is one only'),
      qos: z
        .literal([0, 1, 2])
        .default(1)
        .describe("quality of service asked for; the publisher's own is the upper limit"),
      asset: text()
        .optional()
        .describe(
          'name of the asset: a fixed name, placeholders of the topic (`{area}-{asset}`), or a path into the message (`$.id`); default: `{asset}`',
        ),
      format: z
        .enum(['auto', 'json', 'number'])
        .default('auto')
        .describe('`number` = the payload is a plain number; `auto` = JSON or a plain number, whichever it is'),
      rows: path(
        'where an array of rows stands; every other path starts from the row then. An array at the root is found by itself',
      ).optional(),
      time: path('where the time stands, in the row or else in the message; default: the time of arrival').optional(),
      timeUnit: z
        .enum(timeUnits)
        .default('auto')
        .describe(
          '`auto` tells ISO 8601 texts and seconds, milli-, micro- and nanoseconds since 1970 apart by their size',
        ),
      missingTime: z
        .enum(['reject', 'arrival'])
        .default('reject')
        .describe('what to do with a row that has no `time`: reject it, or take the time of arrival'),
      signal: path(
        'where the signal\'s name stands, for rows of one reading such as {"name": "flow", "value": 3.1}',
      ).optional(),
      values: z
        .union([path('where values stand'), z.record(z.string().min(1), value)])
        .optional()
        .describe(
          'where values stand: the path of an object signal -> number (default: `$.values` if there, or else the row itself), a map signal -> path, or the path of the one number where `{signal}` or `signal` names it (default: the payload itself or `$.value`)',
        ),
      signals: z
        .record(z.string().min(1), z.string().min(1))
        .default({})
        .describe("names in messages -> the bundle's signals, where they differ: `{temp_C: temperature}`"),
      waveform: waveformSchema
        .optional()
        .describe('messages hold bursts of acceleration, which become signals: level, knocks, bands, bearing defects'),
    })
    .superRefine((input, check) => {
      const template = parseTopicTemplate(input.topic);
      if (typeof template === 'string') return;
      const wrong = (key: string, message: string) => check.addIssue({ code: 'custom', path: [key], message });
      const names = template.names;
      if (input.asset === undefined && !names.includes('asset'))
        wrong('topic', 'names no asset: put `{asset}` in it, or set `asset`');
      if (input.asset !== undefined && !input.asset.startsWith('$'))
        for (const [, name = ''] of input.asset.matchAll(/\{([^}]*)\}/g))
          if (!names.includes(name)) wrong('asset', `there is no {${name}} in \`topic\``);
      if (input.asset?.startsWith('$')) {
        const parsed = parseJsonPath(input.asset);
        if (typeof parsed === 'string') wrong('asset', parsed);
      }
      const single = names.includes('signal') || input.signal !== undefined;
      if (names.includes('signal') && input.signal !== undefined)
        wrong('signal', 'the topic names the signal already with `{signal}`');
      if (single && typeof input.values === 'object')
        wrong('values', 'must be the path of one number, because `{signal}` or `signal` names the signal');
      if (single && input.waveform !== undefined)
        wrong('waveform', 'names its signals itself: leave out `{signal}` and `signal`');
      if (!single && input.format === 'number')
        wrong('format', 'a plain number needs a signal: put `{signal}` in `topic`');
    });

export type InputConfig = z.infer<ReturnType<typeof inputSchema>>;
