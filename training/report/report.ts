/** The training report: a bundle, and the recordings it was trained on or others of normal operation -> sections of a page. */
import { forecast, formatForecast } from '../../model/budget.js';
import { type Bundle, loadBundle } from '../../model/bundle.js';
import { formatPlace, UserError } from '../../model/errors.js';
import type { Manifest } from '../../model/manifest.js';
import { judge, runDetectors } from '../bundle-run.js';
import { faultKinds, faultSizes } from '../injection/faults.js';
import { type Caught, type InjectionPlan, inject } from '../injection/inject.js';
import { readTrainingLog, type TrainingLog } from '../training-log.js';
import { type Chart, color, type Section, short } from './chart.js';
import { dataSection } from './data-section.js';
import { expectedSection } from './expected-section.js';
import { readLearned, readStretches, runsOf, type Stretch } from './frames.js';
import { latentSection } from './latent-section.js';
import { pageOf } from './page.js';
import { residualSection } from './residual-section.js';
import { scoreSection } from './score-section.js';

export interface ReportOptions {
  readonly bundle: string;
  /** Those it learned from, where not given. */
  readonly recordings?: readonly string[] | undefined;
  readonly injections?: InjectionPlan;
}

const usualPlan: InjectionPlan = { lead: 60, fault: 120, places: 6 };

export interface TrainingReport {
  readonly page: string;
  /** Why there is no more on it than the training. */
  readonly missing?: string;
}

/** @throws UserError for a bundle or recording that can't be read; without those that it learned from, the page tells of the training alone */
export async function trainingReport({
  bundle: dir,
  recordings,
  injections = usualPlan,
}: ReportOptions): Promise<TrainingReport> {
  const bundle = await loadBundle(dir);
  const { manifest } = bundle;
  const log = await readTrainingLog(bundle.dir);
  const read =
    recordings === undefined ? await learnedIfThere(bundle, log) : await readStretches(recordings, manifest, log);
  const { training } = manifest;
  const when =
    training === undefined ? '' : `, ${training.assets.length} machine(s), ${training.from} to ${training.to}`;
  const page = await pageOf(`${manifest.name} ${manifest.version}`, `Training report${when}`, [
    cardSection(manifest),
    lossSection(manifest, log),
    ...(typeof read === 'string'
      ? [{ id: 'data', title: 'Data', text: [read] }]
      : await measuredSections(bundle, read, injections)),
  ]);
  return typeof read === 'string' ? { page, missing: read } : { page };
}

async function measuredSections(
  bundle: Bundle,
  stretches: readonly Stretch[],
  injections: InjectionPlan,
): Promise<Section[]> {
  const { manifest } = bundle;
  const values = stretches.map((stretch) => stretch.values);
  const measured = {
    manifest,
    stretches,
    verdicts: await judge(bundle, values),
    outputs: await runDetectors(bundle, values),
  };
  const C = manifest.channels.length;
  const normal = heldOut(stretches, C);
  const caught = await inject(bundle, normal, injections);
  const steps = manifest.channels.slice(0, 4).map(({ name, scale }, c) => ({
    label: `${name} + 4 spreads`,
    frames: normal.map((frames) => frames.map((value, i) => (i % C === c ? value + 4 * scale : value))),
  }));
  const faulty = [];
  for (const { label, frames } of steps) {
    const outputs = await runDetectors(bundle, frames);
    faulty.push({ label, residual: outputs.map((own) => own[0]?.residual ?? new Float32Array(0)) });
  }
  return [
    faultSection(manifest, caught, injections),
    dataSection(measured),
    expectedSection(measured),
    residualSection(measured),
    scoreSection(measured),
    latentSection(measured, faulty),
  ];
}

/** Or why there are none: a bundle may have come here without its recordings. */
async function learnedIfThere({ dir, manifest }: Bundle, log: TrainingLog | undefined): Promise<Stretch[] | string> {
  try {
    return await readLearned(dir, manifest, log);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `The recordings that it learned from can't be read, so this page tells of the training alone. ${formatPlace(error.place)}: ${error.problem} Give them, or others of normal operation, with --data.`;
  }
}

/** Frames that no network was fitted to; all, where there are no others. */
function heldOut(stretches: readonly Stretch[], C: number): Float32Array[] {
  const runs = stretches.flatMap((stretch) => runsOf(stretch).map((run) => ({ ...run, stretch })));
  const own = ['calibrate', 'unused']
    .map((part) => runs.filter((run) => run.part === part))
    .find((one) => one.length > 0);
  return (own ?? runs).map(({ stretch, from, to }) => stretch.values.slice(from * C, to * C));
}

function cardSection(manifest: Manifest): Section {
  const { training, detectors, channels } = manifest;
  const facts: string[][] = [
    ['signals', channels.map(({ name, unit }) => (unit === '' ? name : `${name} (${unit})`)).join(', ')],
    ['frame period', `${manifest.periodMs} ms`],
    [
      'false-alarm budget',
      `${manifest.falseAlarmsPerAssetWeek} per machine and week: ${formatForecast(forecast(manifest, manifest.falseAlarmsPerAssetWeek))}`,
    ],
    ...(training === undefined
      ? []
      : [
          ['machines', training.assets.join(', ')],
          ['time', `${training.from} to ${training.to}`],
          [
            'frames',
            `fit ${training.frames.fit}, validate ${training.frames.validate}, calibrate ${training.frames.calibrate}`,
          ],
          ['recordings', training.sources.map(({ file, frames }) => `${file} (${frames} frames)`).join(', ')],
          ['seed and backend', `${training.seed}, ${training.backend}`],
        ]),
  ];
  return {
    id: 'card',
    title: 'Model card',
    text: [
      'It tells how far signals are from what these machines did while they were recorded as normal. It knows no other machines, no operating state that the recordings lack, and no names of faults. A normal state that is new to it looks like a fault; a fault that was there all the time looks normal.',
      ...(training?.warnings ?? []).map((warning) => `Warning: ${warning}`),
    ],
    tables: [
      { header: ['what', ''], rows: facts },
      {
        header: ['detector', 'recipe', 'kind', 'frames it sees', 'warm-up frames', 'parameters'],
        rows: detectors.map(({ name, recipe, kind, task, window, warmupFrames, parameters }) => [
          name,
          recipe,
          `${kind} ${task}`,
          kind === 'recurrent' ? 'all before' : String(window),
          String(warmupFrames),
          String(parameters),
        ]),
      },
    ],
  };
}

function lossSection({ detectors, training }: Manifest, log: TrainingLog | undefined): Section {
  const charts = detectors.flatMap(({ name }): Chart[] => {
    const epochs = log?.losses[name] ?? [];
    if (epochs.length === 0) return [];
    return [
      {
        title: `${name}: loss by epoch`,
        xLabel: 'epoch',
        yLabel: 'loss',
        log: true,
        x: epochs.map((_, i) => i + 1),
        series: [
          { label: 'fitted', color: color(0), values: epochs.map(({ train }) => short(train)) },
          { label: 'held out', color: color(1), values: epochs.map(({ validate }) => short(validate)) },
        ],
      },
    ];
  });
  return {
    id: 'losses',
    title: 'Learning',
    text: [
      'The fitted loss is measured on spoiled inputs (hidden signals, noise), the held-out loss on inputs as they are: it may lie below. It should fall and then stay; the weights are those of its lowest epoch.',
      ...(log === undefined ? ['This bundle has no log of its training, so there are no curves.'] : []),
    ],
    tables: [
      {
        header: ['detector', 'fitted', 'held out', 'epochs'],
        rows: detectors.map(({ name }) => {
          const losses = training?.losses[name];
          return [
            name,
            losses?.train.toFixed(4) ?? '-',
            losses?.validate.toFixed(4) ?? '-',
            String(losses?.epochs ?? '-'),
          ];
        }),
      },
    ],
    charts,
  };
}

function faultSection(
  { channels }: Manifest,
  { caught, falseAlarms, places }: Awaited<ReturnType<typeof inject>>,
  { lead, fault }: InjectionPlan,
): Section {
  const about = { id: 'faults', title: 'Caught and missed' };
  if (places === 0)
    return { ...about, text: [`No held-out stretch of ${lead + fault} frames: nothing could be injected.`] };
  const title = (kind: Caught['kind'], size: number) =>
    kind === 'stuck' || kind === 'detached' ? `${kind} ${Math.round(size * fault)} frames` : `${kind} ${size}`;
  const cellsOf = (channel: number, kind: Caught['kind']) =>
    faultSizes[kind].map((size) => {
      const one = caught.find((each) => each.channel === channel && each.kind === kind && each.size === size);
      if (one === undefined || one.tried === 0) return '-';
      const sensor = one.sensorNamed > 0 ? `, sensor named ${one.sensorNamed}` : '';
      const delay = Number.isNaN(one.delay) ? '' : ` after ${one.delay}`;
      return {
        text: `${one.alarmed}/${one.tried}${delay}${sensor}`,
        share: (one.alarmed + one.sensorNamed) / one.tried,
      };
    });
  const alarmed = caught.reduce((sum, one) => sum + one.alarmed, 0);
  const blamed = caught.reduce((sum, one) => sum + one.blamed, 0);
  return {
    ...about,
    text: [
      `One signal at a time was spoiled for ${fault} frames, at ${places} place(s) of held-out normal operation, and went the daemon's way. Sizes of steps, ramps (at their end) and noise are in normal spreads of the signal; a detached signal goes on as it went at another time, so that each of its values is normal. A cell: alarms of tries, median frames to the alarm, and tries in which there was no alarm but the health tests named the sensor.`,
      `Places that alarmed without a fault, and do not count: ${falseAlarms}. Of ${alarmed} alarms ${blamed} named the spoiled signal first.`,
      'These are faults of one signal; a real fault moves several and is easier to see, or hides in the normal range of all and is harder.',
    ],
    tables: faultKinds.map((kind) => ({
      header: ['signal', ...faultSizes[kind].map((size) => title(kind, size))],
      rows: channels.map(({ name }, c) => [name, ...cellsOf(c, kind)]),
    })),
  };
}
