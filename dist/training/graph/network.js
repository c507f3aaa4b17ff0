import { UserError } from '../../model/errors.js';
import { isModel } from '../onnx/layers/wrapper.js';
import { Settings } from '../onnx/settings.js';
/** Floats of state that a unit of these layers keeps. */
const statesPerUnit = { LSTM: 2, GRU: 1, SimpleRNN: 1 };
/** Layers that treat every frame alike and by itself, so that T frames in one call are T calls. */
const framewise = new Set([
    'InputLayer',
    'Dense',
    'Activation',
    'ReLU',
    'LeakyReLU',
    'ELU',
    'ThresholdedReLU',
    'Dropout',
    'SpatialDropout1D',
    'AlphaDropout',
    'GaussianDropout',
    'GaussianNoise',
    'BatchNormalization',
    'LayerNormalization',
    'Rescaling',
    'Add',
    'Multiply',
    'Average',
    'Maximum',
    'Minimum',
    'Concatenate',
]);
/** The [N, T, C or 2C] input of a detector's network. */
export function frameInput(model, channels) {
    const [input, ...others] = model.inputs;
    const [, frames = null, width, ...rest] = input?.shape ?? [];
    if (others.length > 0 || rest.length > 0 || (width !== channels && width !== 2 * channels))
        throw new UserError(`A detector of ${channels} signals needs a network with one input [N, T, ${channels}] or, with what is known, [N, T, ${2 * channels}]; this one has ${format(model.inputs.map(({ shape }) => shape))}.`);
    return { frames, masked: width === 2 * channels };
}
/** @throws UserError unless the network has one output of this many channels */
export function outputShape(model, channels) {
    const [output, ...others] = model.outputs;
    const shape = output?.shape ?? [];
    if (others.length > 0 || shape.at(-1) !== channels || shape.length < 2 || shape.length > 3)
        throw new UserError(`A detector of ${channels} signals needs a network with one output [N, T, ${channels}] or [N, ${channels}]; this one has ${format(model.outputs.map((tensor) => tensor.shape))}.`);
    return shape;
}
function format(shapes) {
    return shapes.map((shape) => `[${shape.map((length) => length ?? '?').join(', ')}]`).join(' and ');
}
/**
 * Floats of state of a network that can run frame by frame.
 * @throws UserError for a layer that looks at other frames than by its state
 */
export function recurrentStateSize(model) {
    return model.layers.map(stateSize).reduce((sum, size) => sum + size, 0);
}
function stateSize(layer) {
    if (isModel(layer))
        return recurrentStateSize(layer);
    const name = recurrentClass(layer);
    const settings = new Settings(layer);
    if (name !== undefined) {
        if (settings.flag('goBackwards'))
            throw notFramewise(layer, 'goes backwards through time');
        if (!settings.flag('returnSequences'))
            throw notFramewise(layer, 'gives only its last output');
        return (statesPerUnit[name] ?? 0) * settings.number('units', 0);
    }
    const inner = layer.getClassName() === 'TimeDistributed' ? layer.layer : layer;
    if (!framewise.has(inner.getClassName()))
        throw notFramewise(layer, 'may look at other frames');
    const axes = [settings.value('axis') ?? -1].flat();
    const rank = layer.inboundNodes[0]?.inputTensors[0]?.shape.length ?? 3;
    if (axes.some((axis) => axis !== -1 && axis !== rank - 1))
        throw notFramewise(layer, 'works across frames');
    return 0;
}
/** Also of subclasses: a faster LSTM is an LSTM. */
function recurrentClass(layer) {
    const name = layer.getClassName();
    return Object.hasOwn(statesPerUnit, name) ? name : undefined;
}
function notFramewise(layer, what) {
    return new UserError(`Layer "${layer.name}" (${layer.getClassName()}) ${what}, so the network can't run frame by frame.`, {}, 'Use a window detector for it.');
}
/** Hands out a packed state [N, S] from the front, and packs what comes back in the same order. */
export class PackedState {
    graph;
    state;
    offset = 0;
    left = [];
    constructor(graph, state) {
        this.graph = graph;
        this.state = state;
    }
    take(units) {
        const { graph, offset } = this;
        this.offset += units;
        const bounds = [offset, this.offset].map((end) => graph.integers([end]));
        return graph.node('Slice', [this.state, ...bounds, graph.integers([1])]);
    }
    leave(state) {
        this.left.push(state);
    }
    /** [N, S] */
    pack(size) {
        if (this.offset !== size)
            throw new Error(`a state of ${size}, of which ${this.offset} were used`);
        return this.graph.node('Concat', this.left, { axis: 1 });
    }
}
//# sourceMappingURL=network.js.map