import { isModel } from '../onnx/layers/wrapper.js';
import { blockLstm } from './kernel.js';
import { plainLstm } from './plain.js';
/**
 * Makes all LSTM layers of `model` compute all steps at once, with BlockLSTMV2 on native TensorFlow and in plain loops in JavaScript, those in `Bidirectional` and in inner models too. Weights, config, saved
 * form and results stay what they were, to rounding; training is faster by an order of magnitude. What the kernels can't do is left to tfjs: other
 * activations than tanh and sigmoid, recurrent dropout, masks, and other backends, asked anew at every call.
 * @returns how many layers were changed
 */
export function fuseLstm(tf, model) {
    return model.layers.map((layer) => fuseLayer(tf, layer)).reduce((sum, count) => sum + count, 0);
}
function fuseLayer(tf, layer) {
    if (isModel(layer))
        return fuseLstm(tf, layer);
    if (layer.getClassName() === 'Bidirectional') {
        const { forwardLayer, backwardLayer } = layer;
        return [forwardLayer, backwardLayer].reduce((sum, inner) => sum + (inner === undefined ? 0 : fuseLayer(tf, inner)), 0);
    }
    if (layer.getClassName() !== 'LSTM')
        return 0;
    const settings = fusible(layer);
    const lstm = layer;
    // A `call` of its own: done before.
    if (settings === undefined || Object.hasOwn(lstm, 'call'))
        return 0;
    const stock = lstm.call.bind(lstm);
    lstm.call = (inputs, kwargs = {}) => {
        const dropsNow = settings.dropout > 0 && kwargs.training === true;
        const operation = operations[tf.getBackend()];
        if (operation === undefined || dropsNow || isPresent(kwargs.mask))
            return stock(inputs, kwargs);
        return tf.tidy(() => callFused(tf, operation, lstm, settings, inputs, kwargs));
    };
    return 1;
}
/** By tfjs's name of the backend. */
const operations = { tensorflow: blockLstm, cpu: plainLstm };
function isPresent(mask) {
    return mask !== undefined && mask !== null && [mask].flat().some((one) => one !== null);
}
/** Undefined for what the kernels can't compute. */
function fusible(layer) {
    const config = layer.getConfig();
    if (config.activation !== 'tanh' || config.recurrentActivation !== 'sigmoid')
        return undefined;
    if (Number(config.recurrentDropout ?? 0) > 0)
        return undefined;
    return {
        units: Number(config.units),
        goBackwards: config.goBackwards === true,
        returnSequences: config.returnSequences === true,
        returnState: config.returnState === true,
        dropout: Number(config.dropout ?? 0),
    };
}
function callFused(tf, operation, layer, { units, goBackwards, returnSequences, returnState }, inputs, { initialState, training }) {
    const [input] = [inputs].flat();
    const weight = (name) => layer.weights.find(({ originalName }) => originalName.split('/').at(-1) === name)?.read();
    const [kernel, recurrent] = [weight('kernel'), weight('recurrent_kernel')];
    if (kernel === undefined || recurrent === undefined)
        throw new Error(`${layer.name} is not built`);
    const inTime = tf.transpose(input, [1, 0, 2]);
    const batch = input.shape[0];
    const zeros = () => tf.zeros([batch, units]);
    const [h0, c0] = (initialState ?? (layer.stateful ? layer.states : undefined) ?? []);
    const withCells = returnState || layer.stateful;
    const sequence = operation(tf, {
        x: goBackwards ? tf.reverse(inTime, 0) : inTime,
        weights: tf.concat([kernel, recurrent], 0),
        bias: weight('bias') ?? tf.zeros([4 * units]),
        h0: h0 ?? zeros(),
        c0: c0 ?? zeros(),
    }, withCells);
    const steps = sequence.shape[0];
    const part = (from, start, count) => tf.slice(sequence, [from, 0, start], [count, -1, units]);
    const last = (start) => tf.squeeze(part(steps - 1, start, 1), [0]);
    const states = withCells ? [last(0), last(units)] : [];
    if (layer.stateful)
        layer.resetStates(states, training === true);
    const hidden = withCells ? part(0, 0, steps) : sequence;
    const output = returnSequences ? tf.transpose(hidden, [1, 0, 2]) : last(0);
    return returnState ? [output, ...states] : output;
}
//# sourceMappingURL=fused.js.map