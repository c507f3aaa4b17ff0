import { UserError } from '../../model/errors.js';
import { Settings } from './settings.js';
export class LayerCall {
    graph;
    layer;
    inputs;
    inputShapes;
    outputShapes;
    emit;
    carrier;
    settings;
    constructor(graph, layer, inputs, inputShapes, outputShapes, emit, carrier) {
        this.graph = graph;
        this.layer = layer;
        this.inputs = inputs;
        this.inputShapes = inputShapes;
        this.outputShapes = outputShapes;
        this.emit = emit;
        this.carrier = carrier;
        this.settings = new Settings(layer);
    }
    /** The first input, for most layers the only one. */
    get input() {
        return this.inputs[0] ?? this.refuse('has no input');
    }
    get inputShape() {
        return this.inputShapes[0] ?? this.refuse('has no input');
    }
    get outputShape() {
        return this.outputShapes[0] ?? this.refuse('has no output');
    }
    get rank() {
        return this.inputShape.length;
    }
    /** `axis` as tfjs counts it, from the front. */
    axis(axis) {
        return axis < 0 ? axis + this.rank : axis;
    }
    /** A weight by the last part of its name, e.g. `kernel`. */
    weight(name) {
        return this.weightOf(this.layer, name) ?? this.refuse(`has no weight "${name}"`);
    }
    optionalWeight(name) {
        return this.weightOf(this.layer, name);
    }
    /** A weight of `layer`, which may be one inside this one. */
    weightOf(layer, name) {
        const found = layer.weights.find(({ originalName }) => originalName.split('/').at(-1) === name);
        if (found === undefined)
            return undefined;
        const tensor = found.read();
        return { data: Float32Array.from(tensor.dataSync()), shape: tensor.shape };
    }
    /** A weight as a constant of the graph, as it is. */
    constant(name) {
        const { data, shape } = this.weight(name);
        return this.graph.constant(data, shape, name);
    }
    /** @throws UserError always: this layer or this setting of it has no ONNX form here */
    refuse(what, remedy = '') {
        throw refusal(this.layer, what, remedy);
    }
}
/** One error for all that can't be exported; names the layer and its class. */
export function refusal(layer, what, remedy = '') {
    return new UserError(`ONNX export: layer "${layer.name}" (${layer.getClassName()}) ${what}.`, {}, remedy);
}
//# sourceMappingURL=call.js.map