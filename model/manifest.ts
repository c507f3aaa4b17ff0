/** `manifest.json` of a bundle: its schema, written once, and the types that follow from it. */
import { z } from 'zod';

export const manifestSchemaVersion = 1;

const finite = z.number();
const positive = z.number().positive();
const count = z.number().int().nonnegative();
const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'letters, digits, "_", "." and "-", starting with a letter or digit');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex');

/** What a healthy sensor of this signal does, learned from normal data; the limits of `model/health`. */
const healthLimits = z.strictObject({
  min: finite.describe('smallest value a working sensor gives, in the unit of the channel'),
  max: finite.describe('largest value a working sensor gives'),
  maxStep: positive.describe('largest change between two frames that a working sensor shows'),
  flatFrames: count.describe(
    'frames without any change after which the sensor counts as stuck; 0 = never, for signals that are constant by nature',
  ),
  flatRange: finite.nonnegative().describe('changes up to this size count as none'),
});

const channel = z.strictObject({
  name,
  column: z.string().min(1).optional().describe('column, tag or key that the recordings it learned from had for it'),
  unit: z.string().default('').describe('UCUM-like unit, for people: "degC", "bar", "mm/s"'),
  description: z.string().optional(),
  scale: positive.describe('normal spread (robust standard deviation), in the unit'),
  center: finite.describe('normal value (median), in the unit'),
  health: healthLimits,
});

/** Survival function of a score under normal operation: an empirical body and a generalised Pareto tail (peaks over threshold). */
const tailTable = z.strictObject({
  n: count.describe('calibration scores behind the table, after thinning'),
  body: z
    .array(finite)
    .min(2)
    .describe('scores at evenly spaced probabilities, rising, from the smallest score to `threshold`'),
  threshold: finite.describe('where the tail begins'),
  rate: z.number().gt(0).lt(1).describe('share of normal scores above `threshold`'),
  shape: finite.describe('GPD shape (gamma); 0 = exponential'),
  scale: positive.describe('GPD scale (sigma)'),
});

const condition = z.strictObject({
  signal: name,
  op: z.enum(['<', '<=', '>', '>=']),
  value: finite.describe('in the unit of the signal'),
});

/** When a machine is off, starts up, and in which regime it runs: `model/modes`. */
const modeRules = z.strictObject({
  off: z.array(condition).min(1).optional().describe('off while all of them hold'),
  startUpMs: finite.nonnegative().describe('after being off it is not judged for so long'),
  regimes: z
    .union([
      z.array(z.strictObject({ name, when: z.array(condition).min(1) })).min(1),
      z.strictObject({ detector: name, count: z.number().int().positive() }),
    ])
    .optional()
    .describe('the first whose conditions all hold; or those of a hidden Markov model, `regime-1` and on'),
});

/** How often the fused alarm statistic peaks above a level under normal operation. */
const peakTable = z.strictObject({
  frames: count.describe('held-out normal frames behind the table'),
  peaks: count.describe('independent peaks above `threshold` among them'),
  threshold: finite.describe('level from which peaks were counted, in -ln p'),
  peaksPerWeek: positive.describe('peaks above `threshold` per asset-week'),
  shape: finite.describe('GPD shape of the excesses; 0 = exponential'),
  scale: positive.describe('GPD scale of the excesses'),
});

/** A cumulative sum of the fused evidence, for slow wear: `model/cusum`. */
const cusum = z.strictObject({
  allowance: positive.describe('normal deviates a frame that normal operation may show for long'),
  threshold: finite.nonnegative().describe('sums up to this say nothing'),
  offset: finite.describe('a larger sum S counts as a surprise of `offset + slope * S`: one that is as rare'),
  slope: positive,
});

const matrix = z.array(z.array(finite));

/** How a detector's residual is followed: `model/tracking`. */
const tracking = z.strictObject({
  lambda: z.number().gt(0).lte(1).describe('weight of the newest residual in the moving average'),
  level: z.array(finite).describe('[C] mean residual of normal data'),
  spread: z.array(positive).describe('[C] standard deviation of it; what follows is in units of it'),
  gain: z.array(finite.nonnegative()).describe('[C] weight of the newest residual in the slow baseline'),
  leak: z.array(finite.nonnegative()).describe('[C] the same during an alarm: 0 for signals that do not wander'),
  norm: z
    .array(positive)
    .describe('[C] spread of the averaged residual about its baseline, wider where few independent frames tell of it'),
  whitening: matrix.describe('C x C, of the averaged residual over `norm`'),
  table: tailTable.describe('of the squared length of the whitened average'),
});

/** How a detector's statistics grow under normal operation while a signal is out: `model/absence`. */
const growth = z.strictObject({
  settleFrames: count.describe('frames after its return in which a signal still counts as out'),
  score: z
    .array(z.number().min(1))
    .describe('[C] factor on the upper tail of `score` while the channel is out; with `energy`: of the energies'),
  smoothed: z
    .array(z.number().min(1))
    .optional()
    .describe(
      '[C] the same of `smoothed`; with `tracking`: of the tracked average; with `energy`: of the energies beside the level',
    ),
});

const detector = z.strictObject({
  name,
  recipe: z.string().describe('what it was trained as: "lstm", "dense-ae", ...'),
  kind: z.enum(['window', 'recurrent']),
  task: z.enum(['forecaster', 'reconstructor', 'density', 'classifier']),
  file: name.describe('the ONNX graph, beside the manifest'),
  sha256,
  window: z
    .number()
    .int()
    .positive()
    .describe('frames of one input window (T); 1 for recurrent detectors, which take any T'),
  stateSize: count.describe('S, floats of packed state; 0 for window detectors'),
  warmupFrames: count.describe('frames after a reset before the score means anything'),
  opset: count,
  parameters: count.describe('trained numbers in the graph'),
  calibration: z.strictObject({
    score: tailTable.describe("of the graph's own score"),
    smoothed: z
      .strictObject({
        lambda: z.number().gt(0).lte(1).describe('weight of the newest residual in the moving average (MEWMA)'),
        whitening: matrix.describe('C x C symmetric inverse square root of the covariance of the averaged residual'),
        table: tailTable,
      })
      .optional()
      .describe('multivariate EWMA of the residual (Lowry et al. 1992): slow and small shifts'),
    regimes: z
      .array(z.strictObject({ score: tailTable, smoothed: tailTable.optional() }).nullable())
      .optional()
      .describe(
        'the same tables of single regimes, in their order; null = too little was seen of it: it has those of all',
      ),
    absent: growth.optional().describe('without it, scores count alike whatever is missing'),
    tracking: tracking.optional().describe('with `episodes`: takes the place of the other two'),
  }),
});

/** What names the kind of fault: `model/classifier`. */
const classifier = z.strictObject({
  file: name.describe('the ONNX graph, beside the manifest: x [N, window, C] in engineering units -> class [N, K]'),
  sha256,
  window: z.number().int().positive().describe('frames that it looks at'),
  classes: z.array(z.string().min(1)).min(2).max(250).describe('in the order of the output'),
  certainFrom: z.number().gt(0).lt(1).describe('a class with a smaller probability is called unknown'),
  learned: z
    .array(z.strictObject({ class: z.string(), bursts: count, synthetic: count }))
    .describe('of each class the bursts of frames that were recorded, and the synthetic ones it learned from besides'),
  accuracy: finite.nullable().describe('share of right classes on machines left out; null = too few machines to tell'),
  generator: z
    .strictObject({
      file: name.describe(
        'the ONNX graph, beside the manifest: class [N, K] one-hot, draws [N, draws] standard normal -> features [N, F]',
      ),
      sha256,
      draws: z.number().int().positive(),
    })
    .optional()
    .describe('makes synthetic bursts of faults; for training alone'),
});

/** The energy scoring stage: `model/energy-scoring`. */
const energyTable = z.strictObject({
  means: z.array(z.array(positive).length(2)).describe('for each detector the mean energies of normal data'),
  table: tailTable.describe('of the fused logarithm'),
});

/** When an alarm of the tracking scoring stage begins, ends, and what is normal after it: `model/episodes`. */
const episodes = z.strictObject({
  holdFrames: z.number().int().positive().describe('frames in a row that end an alarm'),
  clearAt: z.number().gt(0).lt(1).describe('severity below which an alarm ends'),
  returnAt: z
    .number()
    .gt(0)
    .lt(1)
    .describe('part of the signature of an alarm, and of its energy, below which it is over'),
  signatureFrames: z.number().int().positive().describe('frames from the start of an alarm that make its signature'),
  settleFrames: count.describe('frames after a return in which the baseline follows fast and no alarm begins'),
  settleGain: z.number().gt(0).lte(1).describe('weight of the newest residual meanwhile'),
});

const golden = z.strictObject({
  detector: name,
  x: z.array(finite.nullable()).describe('N*T*C values, row by row; null = missing'),
  shape: z.array(count).length(3),
  state: z.array(finite).optional(),
  outputs: z.record(z.string(), z.array(finite)),
});

export const manifestSchema = z
  .strictObject({
    schemaVersion: z.literal(manifestSchemaVersion),
    name,
    version: z.string().min(1),
    createdAt: z.iso.datetime(),
    channels: z.array(channel).min(1),
    periodMs: positive.describe('frame period'),
    holdMs: positive.describe('a reading stands for its signal this long; then the signal is missing'),
    detectors: z.array(detector).min(1),
    persistence: z.strictObject({
      of: z.number().int().positive().describe('frames looked back on'),
      need: z.number().int().positive().describe('of them at or above the threshold to raise an alarm'),
    }),
    alarm: peakTable,
    cusum: cusum
      .optional()
      .describe(
        'stationary stage only, and only where the held-out data tell how far normal operation strays for long; its alarms are counted in `alarm`, under the same budget',
      ),
    modes: modeRules.optional().describe('without: a machine always runs, and alike'),
    episodes: episodes.optional().describe('present: the tracking scoring stage'),
    classifier: classifier.optional().describe('names the kind of fault of an asset in alarm'),
    energy: energyTable.optional().describe('present: the energy scoring stage; neither: the stationary one'),
    falseAlarmsPerAssetWeek: positive.describe(
      'the alarm budget that was asked for at training; the daemon config may set another',
    ),
    training: z
      .strictObject({
        seed: z.number().int(),
        backend: z.string(),
        assets: z.array(z.string()),
        from: z.iso.datetime(),
        to: z.iso.datetime(),
        frames: z.strictObject({ fit: count, validate: count, calibrate: count }),
        sources: z.array(z.strictObject({ file: z.string(), sha256, frames: count })),
        losses: z.record(z.string(), z.strictObject({ train: finite, validate: finite, epochs: count })),
        warnings: z.array(z.string()),
      })
      .describe('what it was trained on, and how well it did'),
  })
  .superRefine(({ detectors, episodes, energy, channels, modes }, check) => {
    const conditions = [
      ...(modes?.off ?? []),
      ...(Array.isArray(modes?.regimes) ? modes.regimes.flatMap(({ when }) => when) : []),
    ];
    for (const { signal } of conditions)
      if (!channels.some((one) => one.name === signal))
        check.addIssue({ code: 'custom', path: ['modes'], message: `there is no channel ${signal}` });
    if (modes?.regimes !== undefined && !Array.isArray(modes.regimes)) {
      const { detector: by } = modes.regimes;
      if (!detectors.some((one) => one.name === by))
        check.addIssue({
          code: 'custom',
          path: ['modes', 'regimes', 'detector'],
          message: `there is no detector ${by}`,
        });
    }
    if (energy !== undefined && energy.means.length !== detectors.length)
      check.addIssue({ code: 'custom', path: ['energy', 'means'], message: 'must have one entry a detector' });
    detectors.forEach(({ calibration: { tracking } }, i) => {
      const path = ['detectors', i, 'calibration', 'tracking'];
      if (episodes !== undefined && tracking === undefined)
        check.addIssue({ code: 'custom', path, message: 'is missing: the bundle has `episodes`' });
      if (tracking !== undefined && tracking.level.length !== channels.length)
        check.addIssue({ code: 'custom', path, message: `is not for ${channels.length} channels` });
    });
  });

/** `golden.json`: inputs and the outputs they gave at export; the daemon runs them again at load. */
export const goldenSchema = z.array(golden);

export type Manifest = z.infer<typeof manifestSchema>;
export type ClassifierManifest = z.infer<typeof classifier>;
export type Channel = Manifest['channels'][number];
export type DetectorManifest = Manifest['detectors'][number];
export type Condition = z.infer<typeof condition>;
export type ModeRules = z.infer<typeof modeRules>;
export type TailTable = z.infer<typeof tailTable>;
export type Growth = z.infer<typeof growth>;
export type Tracking = z.infer<typeof tracking>;
export type EnergyTable = z.infer<typeof energyTable>;
export type EpisodeRules = z.infer<typeof episodes>;
export type CusumTable = z.infer<typeof cusum>;
export type PeakTable = z.infer<typeof peakTable>;
export type HealthLimits = z.infer<typeof healthLimits>;
export type Golden = z.infer<typeof golden>;
