/** Undefined unless tfjs runs on native TensorFlow. */
export function nativeBackend(tf) {
    if (tf.getBackend() !== 'tensorflow')
        return undefined;
    return tf.backend();
}
/** The kernels want the number of steps as int64, which tfjs has not; each number is made once and kept. */
const stepCounts = new WeakMap();
function stepCount(backend, steps) {
    const known = stepCounts.get(backend) ?? new Map();
    stepCounts.set(backend, known);
    const before = known.get(steps);
    if (before !== undefined)
        return before;
    const { binding } = backend;
    const id = binding.createTensor([], binding.TF_INT64, Int32Array.of(steps, 0));
    const info = { dataId: {}, shape: [], dtype: 'int32' };
    backend.tensorMap.set(info.dataId, { shape: [], dtype: binding.TF_INT64, id, values: null, refCount: 1 });
    known.set(steps, info);
    return info;
}
/**
 * z = [x, h] W + b in gates i, f, g, o; c = sigmoid(f) c' + sigmoid(i) tanh(g); h = sigmoid(o) tanh(c), for all steps in one kernel, with gradients.
 *
 * BlockLSTMV2 has Keras' order of the gates, so tfjs's weights go in as they are. Its peephole weights are switched off.
 * @param withCells also gives the cell states, which costs a copy of both: tfjs differentiates operations of one output only
 * @returns [T, B, H] outputs of all steps, or [T, B, 2 H] with the cell states behind
 * @throws unless tfjs runs on native TensorFlow
 */
export function blockLstm(tf, { x, weights, bias, h0, c0 }, withCells) {
    const backend = nativeBackend(tf);
    if (backend === undefined)
        throw new Error('BlockLSTMV2 is a kernel of native TensorFlow');
    const [steps] = x.shape;
    const [batch, units] = h0.shape;
    const { binding } = backend;
    const type = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
    const peephole = { name: 'use_peephole', type: binding.TF_ATTR_BOOL, value: false };
    const clip = { name: 'cell_clip', type: binding.TF_ATTR_FLOAT, value: 0 };
    const count = stepCount(backend, steps);
    const operation = tf.customGrad((...args) => {
        const [x, weights, bias, h0, c0, save] = args;
        const none = tf.zeros([units]);
        const outputs = backend.executeMultipleOutputs('BlockLSTMV2', [type, peephole, clip], [count, x, c0, h0, weights, none, none, none, bias], 7);
        const [, cs, , , , , h] = outputs;
        // All that the gradient needs, the first state too: what is not saved is gone with the tidy around the forward pass.
        save([x, weights, bias, h0, c0, none, ...outputs]);
        return { value: withCells ? tf.concat([h, cs], 2) : h, gradFunc };
    });
    function gradFunc(dy, saved) {
        const [x, weights, bias, h0, c0, none, ...outputs] = saved;
        const [dh, dc] = withCells ? tf.split(dy, 2, 2) : [dy, tf.fill([steps, batch, units], 0)];
        const gradients = backend?.executeMultipleOutputs('BlockLSTMGradV2', [type, peephole], [count, x, c0, h0, weights, none, none, none, bias, ...outputs, dc, dh], 8);
        const [dx, dc0, dh0, dWeights, , , , dBias] = gradients;
        return [dx, dWeights, dBias, dh0, dc0];
    }
    return operation(x, weights, bias, h0, c0);
}
//# sourceMappingURL=kernel.js.map