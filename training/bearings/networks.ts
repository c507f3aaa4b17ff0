/** Three ways to tell what is wrong with a bearing from a burst, each a network that is exported to one graph: from an analyst's signals, from the spectrogram as an image, from the samples themselves. */
import type { LayersModel, layers } from '@tensorflow/tfjs';
import { type BearingGeometry, defectOrders } from '../../model/bearing.js';
import { WaveformFeatures } from '../../model/waveform.js';
import { binsOf, spectrogram, windowOf } from '../graph/spectrogram.js';
import type { GraphBuilder, Value } from '../onnx/graph.js';
import type { TrainingContext } from '../recipes/recipe.js';
import { burstSamples, type LabelledBurst } from './bursts.js';

/** From bursts to what the network sees, and the network. */
export interface Approach {
  readonly title: string;
  /** Of single inputs, where they have names. */
  readonly inputNames: readonly string[];
  /** Of the graph's input, without the batch. */
  readonly inputShape: readonly number[];
  /** What goes into the graph. */
  readonly inputOf: (burst: LabelledBurst) => ArrayLike<number>;
  /** Front end inside the graph: [N, ...inputShape] -> [N, ...shape] */
  readonly frontEnd: (graph: GraphBuilder, x: Value) => Value;
  readonly shape: readonly number[];
  /** [N, ...shape] -> [N, classes] logits */
  readonly build: (classes: number, context: TrainingContext) => LayersModel;
  /** `steps` of gradient descent. */
  readonly settings: { readonly steps: number; readonly batch: number; readonly learningRate: number };
}

/** Samples that a filter of the first layer of `waves` sees. */
const firstKernel = 64;
/** Impacts of a defect are milliseconds apart: spectra must be shorter, or what tells defects apart is lost. */
const fft = 32;
const spectrogramShape = { fft, columns: (2 * burstSamples) / fft - 1 };
if (windowOf(spectrogramShape) !== burstSamples) throw new Error('the spectrogram does not fill a burst');

/** Level tells how large a spot is, not where: each burst is brought to a standard deviation of 1. */
function standardised(graph: GraphBuilder, x: Value): Value {
  const op = (name: string, ...inputs: Parameters<GraphBuilder['node']>[1]) => graph.node(name, inputs);
  const mean = (value: Value) => graph.node('ReduceMean', [value], { axes: [1], keepdims: 1 });
  const centred = op('Sub', x, mean(x));
  const variance = op('Add', mean(op('Mul', centred, centred)), graph.constant(1e-12));
  return op('Div', centred, op('Sqrt', variance));
}

export function expert(rateHz: number, bearing: BearingGeometry): Approach {
  const features = new WaveformFeatures({ signal: 'x', rateHz, unit: 'g', bearing: defectOrders(bearing) });
  const index = (name: string) => features.signals.findIndex((one) => one.name === `x.${name}`);
  const inputNames = ['rms', 'crest', 'kurtosis', 'outer-race', 'inner-race', 'ball', 'cage'];
  const [rms = 0, ...shapes] = inputNames.map(index);
  return {
    title: "network on an analyst's signals",
    inputNames,
    inputShape: [1 + shapes.length],
    inputOf: ({ samples, rpm }) => {
      const values = features.of(samples, rpm);
      return [20 * Math.log10(values[rms] as number), ...shapes.map((i) => values[i] as number)];
    },
    frontEnd: (_, x) => x,
    shape: [1 + shapes.length],
    build: (classes, { tf, label, initializer }) => {
      const dense = (units: number, more: object) =>
        tf.layers.dense({ name: label('dense'), units, kernelInitializer: initializer(), ...more });
      return tf.sequential({
        layers: [dense(24, { activation: 'tanh', inputShape: [1 + shapes.length] }), dense(classes, {})],
      });
    },
    settings: { steps: 1500, batch: 64, learningRate: 0.01 },
  };
}

/** The spectrogram as an image, which filters search for shapes (LeCun et al. 1998): three times convolution and pooling, then the mean of each feature over the image. */
export function image(): Approach {
  const { columns } = spectrogramShape;
  const shape = [columns, binsOf(spectrogramShape)];
  return {
    title: 'network on the spectrogram',
    inputNames: [],
    inputShape: [burstSamples, 1],
    inputOf: ({ samples }) => samples,
    frontEnd: (graph, x) => {
      const { log } = spectrogram(graph, { scaled: standardised(graph, x), known: x }, spectrogramShape, 1);
      return graph.node('Reshape', [log, graph.integers([-1, ...shape])]);
    },
    shape,
    build: (classes, { tf, label, initializer }) => {
      const block = (filters: number): layers.Layer[] => [
        tf.layers.conv2d({
          name: label('conv2d'),
          filters,
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
          kernelInitializer: initializer(),
        }),
        tf.layers.maxPooling2d({ name: label('maxPooling2d'), poolSize: 2 }),
      ];
      return tf.sequential({
        layers: [
          tf.layers.reshape({ name: label('reshape'), targetShape: [...shape, 1], inputShape: shape }),
          ...[8, 16, 16].flatMap(block),
          tf.layers.globalAveragePooling2d({ name: label('globalAveragePooling2d'), dataFormat: 'channelsLast' }),
          tf.layers.dense({ name: label('dense'), units: classes, kernelInitializer: initializer() }),
        ],
      });
    },
    settings: { steps: 400, batch: 32, learningRate: 0.003 },
  };
}

/** The samples themselves; the first layer's wide kernels are filters that training designs (WDCNN, Zhang et al., Sensors 2017). */
export function waves(): Approach {
  return {
    title: 'network on the samples',
    inputNames: [],
    inputShape: [burstSamples, 1],
    inputOf: ({ samples }) => samples,
    frontEnd: (graph, x) => standardised(graph, x),
    shape: [burstSamples, 1],
    build: (classes, { tf, label, initializer }) => {
      const conv = (filters: number, kernelSize: number, strides: number, more: object = {}): layers.Layer =>
        tf.layers.conv1d({
          name: label('conv1d'),
          filters,
          kernelSize,
          strides,
          padding: 'same',
          activation: 'relu',
          kernelInitializer: initializer(),
          ...more,
        });
      const pool = (): layers.Layer => tf.layers.maxPooling1d({ name: label('maxPooling1d'), poolSize: 2 });
      return tf.sequential({
        layers: [
          conv(16, firstKernel, 8, { inputShape: [burstSamples, 1] }),
          pool(),
          conv(32, 3, 1),
          pool(),
          conv(32, 3, 1),
          pool(),
          tf.layers.globalAveragePooling1d({ name: label('globalAveragePooling1d') }),
          tf.layers.dense({ name: label('dense'), units: classes, kernelInitializer: initializer() }),
        ],
      });
    },
    settings: { steps: 400, batch: 32, learningRate: 0.003 },
  };
}
