/** `train.yaml`: its schema, written once with every default and description, and the types that follow from it. */
import { z } from 'zod';
import { modes } from '../model/frames.js';
import { ruleSchema } from '../model/mode-rule.js';
import { dateOrders, isTimeZone } from '../model/time.js';
import { recipes } from './recipes/index.js';
import type { Recipe } from './recipes/recipe.js';

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'must be letters, digits, "_", "." and "-", starting with a letter or digit');
const duration = z.number().positive();
const instant = z.iso
  .datetime({ offset: true, local: true, error: 'must be a time such as 2024-06-01T12:00:00Z' })
  .transform((text) => Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`));

/** How a recording is written, where it can't be told from itself. */
const dialect = {
  delimiter: z.string().length(1).optional().describe('CSV: default: the one of , ; tab | that the header line shows'),
  decimalComma: z.boolean().optional().describe('CSV: 1,5 is one and a half; default: by the first rows'),
  missing: z
    .array(z.string().min(1))
    .optional()
    .describe('CSV: words that say that there is no value, besides "Bad", "No Data", "#N/A" and their like'),
  timeColumn: z
    .string()
    .min(1)
    .optional()
    .describe('CSV: default: time, timestamp, datetime, ...; `date` and `time` together'),
  timeZone: z
    .string()
    .refine(isTimeZone, 'must be a zone such as Europe/Berlin')
    .optional()
    .describe('CSV: zone of times that name none; default: UTC. The hour that comes twice in autumn counts once'),
  dateOrder: z
    .enum(dateOrders)
    .optional()
    .describe('CSV: 3/4/2024 is the third of April (dmy) or the fourth of March (mdy)'),
  signalColumn: z
    .string()
    .min(1)
    .optional()
    .describe("CSV with a row a reading: column of the signal's name; default: `tag` or the like beside `value`"),
  valueColumn: z.string().min(1).optional().describe('CSV with a row a reading: column of the value'),
  assetColumn: z
    .string()
    .min(1)
    .optional()
    .describe('CSV: column that names the machine; default: `asset` where there is one'),
};
export const dialectSchema = z.object(dialect);

export const sourceSchema = z.strictObject({
  files: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .transform((files) => (typeof files === 'string' ? [files] : files))
    .describe('CSV or NDJSON recordings, plain or .gz: paths or globs, from the folder of this file'),
  format: z.enum(['csv', 'ndjson']).optional().describe("default: by the file's name"),
  ...dialect,
  asset: z.string().min(1).optional().describe("machine of rows that name none; default: the file's name"),
  rows: z
    .tuple([z.int().min(0), z.int().min(1)])
    .refine(([from, to]) => from < to, 'must rise: [first, one after the last]')
    .optional()
    .describe('only these rows of each file, [first, one after the last], counted from 0 without the header'),
  from: instant.optional().describe('only rows at or after this time'),
  to: instant.optional().describe('only rows before this time'),
  labelColumn: z
    .string()
    .min(1)
    .optional()
    .describe('rows in which this column is not 0 are known anomalies and are left out'),
});

const signal = z.preprocess(
  (value) => (typeof value === 'string' ? { name: value } : value),
  z.strictObject({
    name: name.describe('what it is called in bundle, alerts and metrics'),
    column: z.string().min(1).optional().describe('column or key in the recording; default: `name`'),
    unit: z.string().default('').describe('"degC", "bar", "mm/s"'),
    description: z.string().optional(),
  }),
);

/** A detector to train: `options` are the recipe's own, defaults filled in. */
export interface DetectorConfig {
  readonly recipe: string;
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

const detectorOf = (recipe: Recipe) =>
  recipe.options
    .safeExtend({
      recipe: z.literal(recipe.name).describe(recipe.summary),
      name: name.optional().describe('default: the name of the recipe'),
    })
    .transform(({ recipe: _, name, ...options }): DetectorConfig => {
      return { recipe: recipe.name, name: name === undefined ? recipe.name : String(name), options };
    });

const [firstRecipe, ...otherRecipes] = recipes;

/** A recipe's name alone means all its defaults. */
const detector = z.preprocess(
  (value) => (typeof value === 'string' ? { recipe: value } : value),
  z.discriminatedUnion('recipe', [detectorOf(firstRecipe), ...otherRecipes.map(detectorOf)]),
);

const share = z.number().gt(0).lt(1);

const splitSchema = z
  .strictObject({
    fit: share.default(0.6).describe('the networks learn from it'),
    validate: share.default(0.15).describe('says when to stop, and how residuals spread'),
    calibrate: share.default(0.25).describe('sets the alarm level'),
  })
  .refine(({ fit, validate, calibrate }) => Math.abs(fit + validate + calibrate - 1) < 1e-6, 'must add up to 1');

const modesSchema = z.strictObject({
  off: ruleSchema
    .optional()
    .describe(
      'when the machine is off: `current < 1 A`, or several comparisons joined by `and`; then it is neither learned from nor judged',
    ),
  startUpS: z
    .number()
    .nonnegative()
    .default(60)
    .describe('seconds after it was off in which it starts up: neither learned from nor judged'),
  regimes: z
    .union([z.record(name, ruleSchema), name])
    .optional()
    .describe(
      'operating regimes, each with its own calibration where there are enough data: rules by name, the first that holds counts; or the name of an `hmm` detector that finds them itself',
    ),
});

export const trainConfigSchema = z
  .strictObject({
    name: name.default('machine').describe('of the bundle'),
    version: z
      .union([z.string().min(1), z.number()])
      .transform(String)
      .default('1'),
    seed: z.int().default(1).describe('the same seed, data and backend give the same bundle'),
    data: z
      .union([sourceSchema, z.array(sourceSchema).min(1)])
      .transform((data) => (Array.isArray(data) ? data : [data]))
      .describe('recordings of normal operation'),
    signals: z.array(signal).min(1).optional().describe('default: every numeric column, but for labels'),
    periodMs: duration.optional().describe("frame period; default: the signals' median interval"),
    holdMs: duration
      .optional()
      .describe('a reading stands for its signal this long; default: three intervals of the slowest signal'),
    maxGapMs: duration.optional().describe('longer gaps clear all memory; default: ten periods'),
    split: splitSchema.prefault({}).describe("parts of each machine's time, in this order"),
    detectors: z
      .array(detector)
      .min(1)
      .prefault(['lstm', 'dense-ae'])
      .describe(`networks that judge together, by recipe: ${recipes.map((recipe) => recipe.name).join(', ')}`),
    scoring: z
      .enum(['stationary', 'tracking', 'energy'])
      .default('stationary')
      .describe(
        '`stationary`: normal stays what it was, and there are days of it. `tracking`: normal drifts, or there are only minutes of it: baselines follow the signals, and an alarm ends when what began it has gone. `energy`: many signals that idle and burst, as of servers: detectors must agree, and none drowns the others',
      ),
    modes: modesSchema.optional().describe('what the machine does at times; default: it always runs, and alike'),
    falseAlarmsPerAssetWeek: z
      .number()
      .positive()
      .default(1)
      .describe('false alarms that you accept per machine and week'),
    persistence: z
      .strictObject({ of: z.int().min(1).default(5), need: z.int().min(1).default(3) })
      .refine(({ of, need }) => need <= of, '`need` must not be more than `of`')
      .prefault({})
      .describe('an alarm takes `need` strange frames among the last `of`'),
    smoothing: z
      .number()
      .gt(0)
      .lte(1)
      .default(0.2)
      .describe(
        '`scoring: stationary`: weight of the newest frame in the averages that tell slow and small shifts; 1: frames are judged one by one, for single signals that jump',
      ),
    shrink: z
      .number()
      .min(0)
      .max(1)
      .default(0.2)
      .describe("share of the residuals' covariance that is taken as uncorrelated"),
  })
  .superRefine((config, check) => {
    const regimes = config.modes?.regimes;
    const say = (message: string) => check.addIssue({ code: 'custom', path: ['modes', 'regimes'], message });
    if (regimes !== undefined && config.scoring !== 'stationary')
      say(`only \`scoring: stationary\` has calibrations by regime, not \`${config.scoring}\``);
    if (typeof regimes === 'string' && config.detectors.find((one) => one.name === regimes)?.recipe !== 'hmm')
      say(`there is no \`hmm\` detector named ${regimes} among \`detectors\``);
    if (typeof regimes === 'object')
      for (const reserved of modes)
        if (reserved in regimes) say(`${reserved} is a mode of its own; call the regime something else`);
    repeated(config.detectors.map((one) => one.name)).forEach(({ name, index }) => {
      check.addIssue({
        code: 'custom',
        path: ['detectors', index],
        message: `there is another detector named ${name}; give one a \`name\``,
      });
    });
    repeated((config.signals ?? []).map((one) => one.name)).forEach(({ name, index }) => {
      check.addIssue({
        code: 'custom',
        path: ['signals', index, 'name'],
        message: `there is another signal named ${name}`,
      });
    });
  });

function repeated(names: readonly string[]): { name: string; index: number }[] {
  return names.map((name, index) => ({ name, index })).filter(({ name, index }) => names.indexOf(name) !== index);
}

export type TrainConfig = z.output<typeof trainConfigSchema>;
export type SourceConfig = TrainConfig['data'][number];
export type SignalConfig = NonNullable<TrainConfig['signals']>[number];
