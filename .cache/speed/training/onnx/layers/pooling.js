import { fromChannelsFirst, isChannelsFirst, pads, perAxis, toChannelsFirst } from './spatial.js';
/** The largest or the mean of each window; padding counts for neither. */
const pool = (op) => (call) => {
    const axes = call.rank - 2;
    const kernel = perAxis(call, 'poolSize', axes, 2);
    const strides = call.settings.numbers('strides') === undefined ? kernel : perAxis(call, 'strides', axes);
    const y = call.graph.node(op, [toChannelsFirst(call, call.input)], {
        kernel_shape: kernel,
        strides,
        pads: pads(call, { kernel, strides, dilations: kernel.map(() => 1) }),
        ...(op === 'AveragePool' ? { count_include_pad: 0 } : {}),
    });
    return fromChannelsFirst(call, y);
};
export const maxPool = pool('MaxPool');
export const averagePool = pool('AveragePool');
/** [N, spatial..., C] -> [N, C] */
const globalPool = (op) => (call) => {
    const first = isChannelsFirst(call) ? 2 : 1;
    const axes = Array.from({ length: call.rank - 2 }, (_, i) => first + i);
    return call.graph.node(op, [call.input], { axes, keepdims: 0 });
};
export const globalMaxPool = globalPool('ReduceMax');
export const globalAveragePool = globalPool('ReduceMean');
