/** The daemon's config: its schema, written once with every default and description, and the types that follow from it. */
import { basename, resolve } from 'node:path';
import { z } from 'zod';
import { alarmConfigSchema } from './alarm/config.js';
import { brokerSchema } from './config-broker.js';
import { inputSchema } from './config-input.js';
import { type ConfigContext, type ConfigTexts, configTexts } from './config-text.js';
import { formatFields } from './format/config.js';
import { parseListen } from './listen.js';

const duration = z.number().nonnegative();

/** A topic level, so that it can stand in topics and metric labels. */
const level = /^[^/+#\0]+$/;

const gatewaySchema = ({ text }: ConfigTexts, hostname: string) =>
  text()
    .refine((name) => level.test(name), 'must hold no "/", "+" or "#": it becomes a level of topics')
    .prefault(hostname.replace(/[/+#\0]/g, '-') || 'gateway')
    .describe('name of this gateway, in topics and alerts; default: the host name');

const bundleSchema = ({ text, path }: ConfigTexts) =>
  z
    .strictObject({
      name: text().optional().describe('what `inputs` call it; default: the last part of `path`'),
      path: path().describe('folder that `anomalyd-train fit` wrote'),
      falseAlarmsPerAssetWeek: z
        .number()
        .positive()
        .optional()
        .describe("alarm budget: false alarms you accept per asset and week; default: the bundle's own"),
      levelDrift: z
        .number()
        .min(1)
        .max(2)
        .default(1)
        .describe(
          'how far the alarm levels of single assets may follow what is normal for them, a factor up or down, learned from a week and more of their quiet operation; 1 = not at all',
        ),
      maxAssets: z
        .int()
        .min(1)
        .max(100_000)
        .default(1000)
        .describe('assets taken up at most; further ones are counted and left out'),
    })
    .transform((bundle) => ({ ...bundle, name: bundle.name ?? basename(bundle.path) }));

export const alignmentSchema = z.strictObject({
  latenessMs: duration.default(1000).describe('how long a frame waits for readings that are under way'),
  maxFutureMs: duration
    .default(60_000)
    .describe('readings further ahead of our clock than this are rejected (`future`)'),
  maxGapMs: duration
    .positive()
    .optional()
    .describe('silence after which memory of the asset is cleared and it warms up anew; default: ten frame periods'),
});

const publishSchema = ({ text }: ConfigTexts) =>
  z.strictObject({
    base: text()
      .refine((base) => !/[+#\0]/.test(base) && !base.startsWith('$') && !base.startsWith('/') && !base.endsWith('/'), {
        error: 'must be a plain topic, such as anomalyd/{gateway}',
      })
      .prefault('anomalyd/{gateway}')
      .describe('topic that everything we publish stands under; never taken as input'),
    scores: z
      .boolean()
      .default(false)
      .describe('true = publish the severity of every frame under <base>/<asset>/score'),
    ...formatFields,
  });

const metricsSchema = ({ text }: ConfigTexts) =>
  z.strictObject({
    listen: text()
      .superRefine((listen, check) => {
        if (listen !== '' && listen !== 'off' && parseListen(listen) === undefined)
          check.addIssue({ code: 'custom', message: 'must look like 127.0.0.1:9464, [::1]:9464, :9464 or off' });
      })
      .prefault('127.0.0.1:9464')
      .describe('address of /metrics, /healthz and /readyz; `:9464` = every address of this host; `off` = none'),
    maxSignalSeries: z
      .int()
      .nonnegative()
      .default(20_000)
      .describe('with more signals in all than this, the series of single signals are left out; 0 = always'),
  });

const logSchema = z.strictObject({
  level: z.enum(['error', 'warn', 'info', 'debug', 'trace']).default('info'),
  format: z.enum(['text', 'json']).default('text').describe('`json` for log collectors'),
});

/** A section that may be left out, or stay empty as in the example config, where every setting is commented out. */
function section<S extends z.ZodType>(schema: S) {
  return schema.nullish().transform((value): z.output<S> => value ?? schema.parse({}));
}

/** The schema in a context. Paths come out absolute, secrets as `Secret`, environment variables in place. */
export function configSchema(context: ConfigContext) {
  const texts = configTexts(context);
  return z
    .strictObject({
      gateway: gatewaySchema(texts, context.hostname),
      broker: brokerSchema(texts).describe('the MQTT broker'),
      bundles: z.array(bundleSchema(texts)).min(1).describe('trained detectors'),
      inputs: z.array(inputSchema(texts)).min(1).describe('topics to listen to'),
      alignment: section(alignmentSchema).describe('from readings to frames'),
      alarms: section(alarmConfigSchema).describe('from severity to alarms'),
      publish: section(publishSchema(texts)).describe('what goes out over MQTT'),
      metrics: section(metricsSchema(texts)).describe('the HTTP port'),
      stateDir: texts
        .path()
        .optional()
        .describe(
          "folder for what must survive a restart, for one daemon alone; default: systemd's $STATE_DIRECTORY, or ./anomalyd-state",
        ),
      log: section(logSchema).describe('the log, on standard error'),
    })
    .superRefine((config, check) => checkNames(config, check))
    .transform((config) => ({
      ...config,
      inputs: config.inputs.map((input) => ({ ...input, bundle: input.bundle ?? config.bundles[0]?.name ?? '' })),
      publish: { ...config.publish, base: config.publish.base.replaceAll('{gateway}', config.gateway) },
      stateDir:
        config.stateDir ?? context.env.STATE_DIRECTORY?.split(':')[0] ?? resolve(context.directory, 'anomalyd-state'),
    }));
}

export type Config = z.infer<ReturnType<typeof configSchema>>;
export type BundleConfig = Config['bundles'][number];
export type AlignmentConfig = Config['alignment'];
export type InputRoute = Config['inputs'][number];
export type PublishConfig = Config['publish'];
export type LogConfig = Config['log'];

/** One name a gateway, so that two anomalyds on one broker do not throw each other out. */
export function defaultClientId({ gateway, broker }: Pick<Config, 'gateway' | 'broker'>): string {
  return broker.clientId ?? `anomalyd-${gateway}`;
}

interface Names {
  readonly bundles: readonly { readonly name: string }[];
  readonly inputs: readonly { readonly bundle?: string | undefined }[];
}

/** Bundle names must be unique, and inputs must name one of them. */
function checkNames({ bundles, inputs }: Names, check: z.RefinementCtx): void {
  const say = (path: (string | number)[], message: string) => check.addIssue({ code: 'custom', path, message });
  const names = bundles.map((bundle) => bundle.name);
  names.forEach((name, i) => {
    if (names.indexOf(name) !== i) say(['bundles', i], `there is another bundle named ${name}; give one a \`name\``);
  });
  inputs.forEach((input, i) => {
    if (input.bundle === undefined && names.length > 1)
      say(['inputs', i, 'topic'], `needs \`bundle\`, one of: ${names.join(', ')}`);
    if (input.bundle !== undefined && !names.includes(input.bundle))
      say(['inputs', i, 'bundle'], `there is no bundle ${input.bundle}; there are: ${names.join(', ')}`);
  });
}
