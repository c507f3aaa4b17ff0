import { LayerCall, refusal } from './call.js';
import { layerHandlers } from './layers/index.js';
import { isModel } from './layers/wrapper.js';
/**
 * Emits `model` applied to `inputs`.
 * @returns its outputs, in the model's order
 * @throws UserError that names the layer and its class where one can't be exported
 */
export function emitModel(graph, model, inputs, options = {}) {
    if (inputs.length !== model.inputs.length)
        throw new Error(`${model.inputs.length} inputs wanted, ${inputs.length} given`);
    const known = new Map();
    model.inputs.forEach((tensor, i) => {
        const value = inputs[i];
        if (value !== undefined)
            known.set(tensor.id, value);
    });
    return model.outputs.map(resolve);
    function resolve(tensor) {
        const value = known.get(tensor.id);
        if (value !== undefined)
            return value;
        const layer = tensor.sourceLayer;
        const node = layer.inboundNodes[tensor.nodeIndex];
        if (node === undefined)
            throw new Error(`layer ${layer.name} has no node ${tensor.nodeIndex}`);
        const values = emitLayer(layer, node.inputTensors.map(resolve), node.inputTensors.map(({ shape }) => shape), node.outputTensors.map(({ shape }) => shape));
        node.outputTensors.forEach(({ id }, i) => {
            const output = values[i];
            if (output !== undefined)
                known.set(id, output);
        });
        const output = known.get(tensor.id);
        if (output === undefined)
            throw refusal(layer, `has more outputs than its handler gives`);
        return output;
    }
    function emitLayer(layer, values, inputShapes, outputShapes) {
        return graph.within(layer.name, () => {
            const name = layer.getClassName();
            const own = options.handlers;
            const handler = own !== undefined && Object.hasOwn(own, name) ? own[name] : undefined;
            if (handler === undefined && isModel(layer))
                return emitModel(graph, layer, values, options);
            const chosen = handler ?? (Object.hasOwn(layerHandlers, name) ? layerHandlers[name] : undefined);
            if (chosen === undefined)
                throw refusal(layer, 'is of a class that can not be exported', 'Replace it, or register a handler for its class (option `handlers` of toOnnx).');
            const call = new LayerCall(graph, layer, values, inputShapes, outputShapes, emitInner, options.carrier);
            const outputs = chosen(call);
            return isList(outputs) ? outputs : [outputs];
        });
    }
    function emitInner(...[layer, values, shapes]) {
        const outputShape = layer.computeOutputShape(shapes.map((shape) => [...shape]));
        const list = Array.isArray(outputShape[0]) ? outputShape : [outputShape];
        return emitLayer(layer, values, shapes, list);
    }
}
function isList(outputs) {
    return Array.isArray(outputs);
}
