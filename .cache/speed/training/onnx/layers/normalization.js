import { float } from '../graph.js';
/**
 * y = gamma (x - mean) / sqrt(variance + epsilon) + beta with the running statistics, folded into y = a x + b
 * (Ioffe & Szegedy 2015).
 */
export const batchNormalization = (call) => {
    const { graph, settings } = call;
    // tfjs's kernel runs through the statistics as if they lay along the last axis.
    if (call.axis(settings.number('axis', -1)) !== call.rank - 1)
        call.refuse('normalises another axis than the last, which tfjs itself gets wrong', 'Permute its input.');
    const mean = call.weight('moving_mean').data;
    const variance = call.weight('moving_variance').data;
    const gamma = call.optionalWeight('gamma')?.data;
    const beta = call.optionalWeight('beta')?.data;
    const epsilon = settings.number('epsilon', 1e-3);
    const factor = variance.map((value, i) => (gamma?.[i] ?? 1) / Math.sqrt(value + epsilon));
    const offset = mean.map((value, i) => (beta?.[i] ?? 0) - value * (factor[i] ?? 0));
    const scaled = graph.node('Mul', [call.input, graph.constant(factor, [mean.length], 'factor')]);
    return graph.node('Add', [scaled, graph.constant(offset, [mean.length], 'offset')]);
};
/** y = gamma (x - mean x) / sqrt(var x + epsilon) + beta over some axes of one example (Ba, Kiros & Hinton 2016). */
export const layerNormalization = (call) => {
    const { graph, settings, rank } = call;
    const axes = (settings.numbers('axis') ?? [-1]).map((axis) => call.axis(axis)).sort((a, b) => a - b);
    const epsilon = settings.number('epsilon', 1e-3);
    const lengths = axes.map((axis) => call.inputShape[axis] ?? call.refuse('normalises over an axis of unknown length'));
    const trailing = axes.every((axis, i) => axis === rank - axes.length + i);
    if (graph.opset >= 17 && trailing) {
        const gamma = call.optionalWeight('gamma')?.data ?? new Float32Array(lengths.reduce((a, b) => a * b, 1)).fill(1);
        const scale = graph.constant(gamma, lengths, 'gamma');
        const beta = call.optionalWeight('beta') === undefined ? undefined : call.constant('beta');
        return graph.node('LayerNormalization', [call.input, scale, beta], {
            axis: axes[0] ?? -1,
            epsilon: float(epsilon),
        });
    }
    const centered = graph.node('Sub', [call.input, graph.node('ReduceMean', [call.input], { axes, keepdims: 1 })]);
    const variance = graph.node('ReduceMean', [graph.node('Mul', [centered, centered])], { axes, keepdims: 1 });
    const deviation = graph.node('Sqrt', [graph.node('Add', [variance, graph.constant(epsilon)])]);
    const normal = graph.node('Div', [centered, deviation]);
    const scaled = withWeight(call, 'Mul', normal, 'gamma', axes);
    return withWeight(call, 'Add', scaled, 'beta', axes);
};
/** x op weight, the weight's axes being `axes` of x. */
function withWeight(call, op, x, name, axes) {
    const weight = call.optionalWeight(name);
    if (weight === undefined)
        return x;
    const dims = call.inputShape.map((length, axis) => (axes.includes(axis) ? (length ?? 1) : 1));
    return call.graph.node(op, [x, call.graph.constant(weight.data, dims, name)]);
}
/** y = scale x + offset */
export const rescaling = ({ graph, input, settings }) => {
    const scaled = graph.node('Mul', [input, graph.constant(settings.number('scale', 1))]);
    return graph.node('Add', [scaled, graph.constant(settings.number('offset', 0))]);
};
