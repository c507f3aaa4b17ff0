import { emitModel } from '../onnx/model.js';
import { clip, inputLimit, networkInput } from './frames.js';
import { frameInput } from './network.js';
/** Applies the network to scaled frames [N, T, C], with what is known where it asks for it. */
export function applyNetwork(graph, frames, options, carrier) {
    const { model, center, limit = inputLimit } = options;
    const { masked } = frameInput(model, center.length);
    const input = masked ? networkInput(graph, frames, limit) : clip(graph, frames.scaled, limit);
    const [output] = emitModel(graph, model, [input], { ...options, carrier });
    if (output === undefined)
        throw new Error('a model without output');
    return output;
}
/** [N, T, C] -> [N, 1, C], the last frame; [N, C] gets its axis. */
export function newest(graph, value, rank = 3) {
    const axis = graph.integers([1]);
    if (rank === 2)
        return graph.node('Unsqueeze', [value, axis]);
    return graph.node('Slice', [value, graph.integers([-1]), graph.integers([2 ** 31 - 1]), axis]);
}
export function describe(graph, kind, window, stateSize) {
    return { bytes: graph.encode(), kind, window, stateSize, opset: graph.opset, parameters: graph.parameters };
}
