/** ONNX wants channels first. */
export function isChannelsFirst(call) {
    return call.settings.text('dataFormat', 'channelsLast') === 'channelsFirst';
}
/** [N, spatial..., C] -> [N, C, spatial...] unless it is so already. */
export function toChannelsFirst(call, x) {
    if (isChannelsFirst(call))
        return x;
    const { rank } = call;
    return call.graph.node('Transpose', [x], {
        perm: [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)],
    });
}
/** Back to the layer's own layout. */
export function fromChannelsFirst(call, x) {
    if (isChannelsFirst(call))
        return x;
    const { rank } = call;
    return call.graph.node('Transpose', [x], { perm: [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1] });
}
/** Lengths of the spatial axes. */
export function spatialLengths(call) {
    return isChannelsFirst(call) ? call.inputShape.slice(2) : call.inputShape.slice(1, -1);
}
/**
 * `pads` of a convolution or pool, [begins..., ends...], written out: runtimes disagree on auto_pad.
 * "same": in all max((ceil(L / stride) - 1) stride + (kernel - 1) dilation + 1 - L, 0), the odd one at the end.
 */
export function pads(call, { kernel, strides, dilations }) {
    const padding = call.settings.text('padding', 'valid');
    if (padding === 'valid')
        return new Array(2 * kernel.length).fill(0);
    if (padding !== 'same')
        return call.refuse(`has the padding "${padding}", which is not supported`);
    const totals = spatialLengths(call).map((length, i) => {
        const stride = strides[i] ?? 1;
        const reach = ((kernel[i] ?? 1) - 1) * (dilations[i] ?? 1) + 1;
        if (stride === 1)
            return reach - 1;
        if (length === null)
            return call.refuse('has "same" padding with strides over an axis of unknown length', 'Give its input a fixed shape.');
        return Math.max((Math.ceil(length / stride) - 1) * stride + reach - length, 0);
    });
    const begins = totals.map((total) => Math.floor(total / 2));
    return [...begins, ...totals.map((total, i) => total - (begins[i] ?? 0))];
}
/** `kernelSize`, `strides` or the like as one number an axis. */
export function perAxis(call, key, axes, otherwise = 1) {
    const list = call.settings.numbers(key) ?? [otherwise];
    return Array.from({ length: axes }, (_, i) => list[i] ?? list[0] ?? otherwise);
}
/** Reorders a weight's axes as `perm` tells: the new axis i is the old axis perm[i]. */
export function permuted({ data, shape }, perm) {
    const strides = shape.map((_, i) => shape.slice(i + 1).reduce((size, length) => size * length, 1));
    const lengths = perm.map((axis) => shape[axis] ?? 1);
    const index = new Array(perm.length).fill(0);
    const out = new Float32Array(data.length);
    for (let i = 0; i < out.length; i++) {
        out[i] = data[perm.reduce((sum, axis, k) => sum + (index[k] ?? 0) * (strides[axis] ?? 0), 0)] ?? 0;
        for (let axis = perm.length - 1; axis >= 0; axis--) {
            index[axis] = ((index[axis] ?? 0) + 1) % (lengths[axis] ?? 1);
            if (index[axis] !== 0)
                break;
        }
    }
    return { data: out, shape: lengths };
}
//# sourceMappingURL=spatial.js.map