import { float } from '../graph.js';
import { activate } from './dense.js';
export const activation = (call) => activate(call, call.input);
/** min(max(x, 0), maxValue) */
export const relu = ({ graph, input, settings }) => {
    const most = settings.value('maxValue');
    return typeof most === 'number'
        ? graph.node('Clip', [input, graph.constant(0), graph.constant(most)])
        : graph.node('Relu', [input]);
};
/** x < 0 ? alpha x : x */
export const leakyRelu = ({ graph, input, settings }) => graph.node('LeakyRelu', [input], { alpha: float(settings.number('alpha', 0.3)) });
/** x < 0 ? alpha x : x, with a learned alpha an element, 1 along shared axes */
export const prelu = (call) => call.graph.node('PRelu', [call.input, call.constant('alpha')]);
/** x < 0 ? e^x - 1 : x */
export const elu = ({ graph, input, settings }) => graph.node('Elu', [input], { alpha: float(settings.number('alpha', 1)) });
/** x > theta ? x : 0 */
export const thresholdedRelu = ({ graph, input, settings }) => graph.node('ThresholdedRelu', [input], { alpha: float(settings.number('theta', 1)) });
/** e^x / sum e^x along an axis, by default 1; along several: exp(x - ln sum e^x) */
export const softmax = (call) => {
    const { graph, input } = call;
    const axes = (call.settings.numbers('axis') ?? [1]).map((axis) => call.axis(axis));
    const [axis] = axes;
    if (axes.length === 1 && axis !== undefined)
        return graph.node('Softmax', [input], { axis });
    const sum = graph.node('ReduceLogSumExp', [input], { axes, keepdims: 1 });
    return graph.node('Exp', [graph.node('Sub', [input, sum])]);
};
/** Layers that do nothing but while training: dropout and noise. */
export const identity = ({ input }) => input;
//# sourceMappingURL=activation.js.map