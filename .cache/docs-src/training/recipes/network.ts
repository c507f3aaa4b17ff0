/** A trained LayersModel in one of the three forms that detector graphs take. */
import type { LayersModel } from '@tensorflow/tfjs';
import {
  type DetectorGraph,
  type DetectorOptions,
  forecasterGraph,
  reconstructorGraph,
  referenceOutputs,
  type Whitening,
  windowForecasterGraph,
} from '../graph/index.js';
import type { Losses, Trained, TrainingContext, TrainingData } from './recipe.js';

const forms = {
  forecaster: { kind: 'recurrent', task: 'forecaster', graph: forecasterGraph },
  'window-forecaster': { kind: 'window', task: 'forecaster', graph: windowForecasterGraph },
  reconstructor: { kind: 'window', task: 'reconstructor', graph: reconstructorGraph },
} as const satisfies Record<
  string,
  Pick<Trained, 'kind' | 'task'> & { graph: (options: DetectorOptions) => DetectorGraph }
>;

/** @param size frames of one call, 1 for the recurrent form, which takes any number; and frames until a score means anything */
export function trainedNetwork(
  form: keyof typeof forms,
  model: LayersModel,
  size: Pick<Trained, 'window' | 'warmupFrames'>,
  losses: Losses,
  { scaler: { center, scale } }: TrainingData,
  { tf, name }: TrainingContext,
): Trained {
  const { graph, ...about } = forms[form];
  const options = (whitening: Whitening): DetectorOptions => ({ model, center, scale, whitening, name });
  return {
    ...size,
    ...about,
    parameters: model.countParams(),
    losses,
    toOnnx: (whitening) => graph(options(whitening)),
    reference: (x, whitening) => ({ ...referenceOutputs(tf, form, options(whitening), x.data, x.dims[0] ?? 0) }),
    dispose: () => model.dispose(),
  };
}
