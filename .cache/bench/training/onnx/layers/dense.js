/** Dense and Embedding. */
import { emitActivation } from '../activations.js';
/** The layer's `activation` setting, applied to `x`. */
export function activate(call, x, name = call.settings.text('activation', 'linear')) {
    return emitActivation(call.graph, name, x) ?? call.refuse(`has the activation "${name}", which is not supported`);
}
/** y = f(x K + b) over the last axis: Gemm for [N, I], MatMul and Add for more axes. */
export const dense = (call) => {
    const { graph } = call;
    const kernel = call.constant('kernel');
    const bias = call.optionalWeight('bias') === undefined ? undefined : call.constant('bias');
    if (call.rank === 2)
        return activate(call, graph.node('Gemm', [call.input, kernel, bias]));
    const product = graph.node('MatMul', [call.input, kernel]);
    return activate(call, bias === undefined ? product : graph.node('Add', [product, bias]));
};
/** y = E[x]; tfjs truncates a float x to an index, and so does Cast. */
export const embedding = (call) => {
    if (call.settings.flag('maskZero'))
        call.refuse('masks zeros, which is not supported');
    const index = call.graph.node('Cast', [call.input], { to: 7 });
    return call.graph.node('Gather', [call.constant('embeddings'), index], { axis: 0 });
};
