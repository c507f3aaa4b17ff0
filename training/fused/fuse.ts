/** Recurrent layers that train as one fused operation, behind the ordinary LayersModel API. */
import type { LayersModel, layers, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { isModel } from '../onnx/layers/wrapper.js';
import type { TensorFlow } from '../tensorflow/load.js';
import { blockLstm, nativeBackend } from './block-lstm.js';
import { fuseDense } from './dense.js';
import type { SequenceOperation } from './sequence.js';
import { steppedGru } from './stepped-gru.js';
import { steppedLstm } from './stepped-lstm.js';

/** What a recurrent layer of tfjs has that its types do not tell. */
interface RecurrentLayer extends layers.RNN {
  call(inputs: Tensor | Tensor[], kwargs: Kwargs): Tensor | Tensor[];
}
interface Kwargs {
  readonly mask?: Tensor | Tensor[] | null;
  readonly training?: boolean | null;
  readonly initialState?: Tensor[] | null;
}

interface Settings {
  readonly hasCells: boolean;
  readonly units: number;
  readonly goBackwards: boolean;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly dropout: number;
}

/** How a class of layers computes all steps, by tfjs's name of the backend; an LSTM has cells beside its outputs. */
interface Fusion {
  readonly hasCells: boolean;
  readonly on: Readonly<Record<string, SequenceOperation>>;
}

const fusions: Readonly<Record<string, Fusion>> = {
  LSTM: { hasCells: true, on: { tensorflow: blockLstm, wasm: steppedLstm, cpu: steppedLstm } },
  GRU: { hasCells: false, on: { tensorflow: steppedGru, wasm: steppedGru, cpu: steppedGru } },
};

/**
 * Makes all LSTM and GRU layers of `model` compute all steps at once, and linear dense layers their product in one operation (`fuseDense`): LSTM with BlockLSTMV2 on native TensorFlow, all
 * else in plain loops around few products, those in `Bidirectional` and in inner models too. Weights, config, saved form and results stay what they were, to rounding; training is faster
 * by an order of magnitude. What the operations can't do is left to tfjs: other activations than tanh and sigmoid, recurrent dropout, masks, and other backends, asked anew at every call.
 * @returns how many recurrent layers were changed
 */
export function fuseLayers(tf: TensorFlow, model: LayersModel): number {
  return model.layers.map((layer) => fuseLayer(tf, layer)).reduce((sum, count) => sum + count, 0);
}

function fuseLayer(tf: TensorFlow, layer: layers.Layer): number {
  if (isModel(layer)) return fuseLayers(tf, layer);
  if (layer.getClassName() === 'Bidirectional') {
    const { forwardLayer, backwardLayer } = layer as unknown as Readonly<Record<string, layers.Layer>>;
    return [forwardLayer, backwardLayer].reduce(
      (sum, inner) => sum + (inner === undefined ? 0 : fuseLayer(tf, inner)),
      0,
    );
  }
  fuseDense(tf, layer);
  const fusion = fusions[layer.getClassName()];
  if (fusion === undefined) return 0;
  const settings = fusible(layer, fusion);
  const recurrent = layer as RecurrentLayer;
  // A `call` of its own: done before.
  if (settings === undefined || Object.hasOwn(recurrent, 'call')) return 0;
  const stock = recurrent.call.bind(recurrent);
  recurrent.call = (inputs, kwargs = {}) => {
    const dropsNow = settings.dropout > 0 && kwargs.training === true;
    const operation = fusion.on[tf.getBackend()];
    if (operation === undefined || dropsNow || isPresent(kwargs.mask)) return stock(inputs, kwargs);
    const { output, inTime } = tf.tidy(() => callFused(tf, operation, recurrent, settings, inputs, kwargs));
    if (inTime !== undefined) turned.set(output as Tensor, inTime);
    return output;
  };
  return 1;
}

function isPresent(mask: Kwargs['mask']): boolean {
  return mask !== undefined && mask !== null && [mask].flat().some((one) => one !== null);
}

/** Undefined for what the kernels can't compute. */
function fusible(layer: layers.Layer, { hasCells }: Fusion): Settings | undefined {
  const config = layer.getConfig();
  if (config.activation !== 'tanh' || config.recurrentActivation !== 'sigmoid') return undefined;
  if (Number(config.recurrentDropout ?? 0) > 0) return undefined;
  return {
    hasCells,
    units: Number(config.units),
    goBackwards: config.goBackwards === true,
    returnSequences: config.returnSequences === true,
    returnState: config.returnState === true,
    dropout: Number(config.dropout ?? 0),
  };
}

function callFused(
  tf: TensorFlow,
  operation: SequenceOperation,
  layer: RecurrentLayer,
  { hasCells, units, goBackwards, returnSequences, returnState }: Settings,
  inputs: Tensor | Tensor[],
  { initialState, training }: Kwargs,
): { output: Tensor | Tensor[]; inTime?: Tensor3D } {
  const [input] = [inputs].flat() as [Tensor3D];
  const weight = (name: string) =>
    layer.weights.find(({ originalName }) => originalName.split('/').at(-1) === name)?.read();
  const [kernel, recurrent] = [weight('kernel'), weight('recurrent_kernel')];
  if (kernel === undefined || recurrent === undefined) throw new Error(`${layer.name} is not built`);
  const inTime = timeFirst(tf, input);
  const given = initialState ?? (layer.stateful ? layer.states : undefined);
  const withStates = returnState || layer.stateful;
  const wanted = withStates ? (hasCells ? 'cells' : 'all') : returnSequences ? 'all' : 'last';
  const result = operation(
    tf,
    {
      x: goBackwards ? tf.reverse(inTime, 0) : inTime,
      kernel: kernel as Tensor2D,
      recurrent: recurrent as Tensor2D,
      bias: weight('bias') ?? tf.zeros(recurrent.shape.slice(1)),
      units,
      states: given as Tensor2D[] | undefined,
    },
    wanted,
  );
  if (wanted === 'last') return { output: result };
  const [steps, , width] = result.shape as [number, number, number];
  const part = (from: number, start: number, count: number) => tf.slice(result, [from, 0, start], [count, -1, units]);
  const sequences = () => tf.transpose(width === units ? result : part(0, 0, steps), [1, 0, 2]);
  if (!withStates) return { output: sequences(), inTime: result as Tensor3D };
  const last = (start: number) => tf.squeeze(part(steps - 1, start, 1), [0]);
  const states = hasCells ? [last(0), last(width / 2)] : [last(0)];
  if (layer.stateful) layer.resetStates(states, training === true);
  const output = returnSequences ? sequences() : states[0];
  return { output: returnState ? [output as Tensor, ...states] : (output as Tensor) };
}

/** Outputs of fused layers, and the same with time first, with zeros behind where the kernel wants some: what the next fused layer takes. */
const turned = new WeakMap<Tensor, Tensor3D>();

/** [B, T, I] -> [T, B, I]; numbers that TensorFlow has not got yet are turned in JavaScript, which takes a tenth of the time. */
function timeFirst(tf: TensorFlow, input: Tensor3D): Tensor3D {
  const known = turned.get(input);
  if (known !== undefined && !known.isDisposed) return known;
  const values = nativeBackend(tf)?.tensorMap.get(input.dataId).values;
  const transpose = (x: Tensor) => tf.transpose(x, [1, 0, 2]) as Tensor3D;
  if (!(values instanceof Float32Array)) return transpose(input);
  const [B, T, I] = input.shape;
  const turn = tf.customGrad(() => {
    const into = new Float32Array(values.length);
    for (let b = 0, from = 0; b < B; b++)
      for (let t = 0; t < T; t++)
        for (let i = 0, to = (t * B + b) * I; i < I; i++, from++, to++) into[to] = values[from] as number;
    return { value: tf.tensor3d(into, [T, B, I]), gradFunc: transpose };
  });
  return turn(input) as Tensor3D;
}
