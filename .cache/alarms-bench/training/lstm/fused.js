import { isModel } from '../onnx/layers/wrapper.js';
import { blockLstm, nativeBackend } from './kernel.js';
/**
 * Makes all LSTM layers of `model` that it can compute with BlockLSTMV2, those in `Bidirectional` and in inner models too. Weights, config, saved
 * form and results stay what they were (to rounding); training is faster by an order of magnitude. What the kernels can't do is left to tfjs: other
 * activations than tanh and sigmoid, recurrent dropout, masks, and other backends than native TensorFlow, asked anew at every call.
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
    if (settings === undefined)
        return 0;
    const lstm = layer;
    const stock = lstm.call.bind(lstm);
    lstm.call = (inputs, kwargs = {}) => {
        const dropsNow = settings.dropout > 0 && kwargs.training === true;
        if (nativeBackend(tf) === undefined || dropsNow || isPresent(kwargs.mask))
            return stock(inputs, kwargs);
        return tf.tidy(() => callFused(tf, lstm, settings, inputs, kwargs));
    };
    return 1;
}
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
function callFused(tf, layer, { units, goBackwards, returnSequences, returnState }, inputs, { initialState, training }) {
    const [input] = [inputs].flat();
    const weight = (name) => layer.weights.find(({ originalName }) => originalName.split('/').at(-1) === name)?.read();
    const [kernel, recurrent] = [weight('kernel'), weight('recurrent_kernel')];
    if (kernel === undefined || recurrent === undefined)
        throw new Error(`${layer.name} is not built`);
    const inTime = tf.transpose(input, [1, 0, 2]);
    const batch = input.shape[0];
    const zeros = () => tf.zeros([batch, units]);
    const [h0, c0] = (initialState ?? (layer.stateful ? layer.states : undefined) ?? []);
    const { h, c } = blockLstm(tf, {
        x: goBackwards ? tf.reverse(inTime, 0) : inTime,
        weights: tf.concat([kernel, recurrent], 0),
        bias: weight('bias') ?? tf.zeros([4 * units]),
        h0: h0 ?? zeros(),
        c0: c0 ?? zeros(),
    });
    const last = (sequence) => tf.squeeze(tf.slice(sequence, [sequence.shape[0] - 1, 0, 0], [1, -1, -1]), [0]);
    const states = returnState || layer.stateful ? [last(h), last(c)] : [];
    if (layer.stateful)
        layer.resetStates(states, training === true);
    const output = returnSequences ? tf.transpose(h, [1, 0, 2]) : last(h);
    return returnState ? [output, ...states] : output;
}
