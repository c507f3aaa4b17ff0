/** Detector graphs that judge a frame by the forecast from the frames before it. */
import { UserError } from '../../model/errors.js';
import { GraphBuilder } from '../onnx/graph.js';
import { applyNetwork, describe, newest } from './detector.js';
import { scaleFrames } from './frames.js';
import { frameInput, outputShape, PackedState, recurrentStateSize } from './network.js';
import { scoreOutputs } from './scores.js';
/**
 * Recurrent form: x [N, T, C] and state [N, S] -> score, contribution, expected, residual of all T frames, and state_out [N, S].
 *
 * `model` gives after each frame the forecast of the next one; its recurrent layers must return sequences, its other layers treat frames alike.
 * The state is, in this order: h and c of each layer, the forecast of the next frame (scaled, [C]), and 1 once a frame has been seen. All zeros is
 * no memory: the first frame has score 0 and the centers as expectation. T calls with one frame give the same bits as one call with T frames.
 * @throws UserError for a network that can't run frame by frame
 */
export function forecasterGraph(options) {
    const { model, center } = options;
    const C = center.length;
    frameInput(model, C);
    if (outputShape(model, C).length !== 3)
        throw new UserError(`A recurrent forecaster needs a network that gives a forecast after every frame.`);
    const stateSize = recurrentStateSize(model) + C + 1;
    const graph = new GraphBuilder(options);
    const x = graph.input('x', ['N', 'T', C]);
    const state = graph.input('state', ['N', stateSize]);
    const carrier = new PackedState(graph, state);
    const frames = scaleFrames(graph, x, options);
    const forecasts = applyNetwork(graph, frames, options, carrier);
    // Frame t is judged by what was forecast after frame t - 1; the first by what the state brings.
    const axis = graph.integers([1]);
    const [start, end] = [graph.integers([0]), graph.integers([-1])];
    const before = graph.node('Slice', [forecasts, start, end, axis]);
    const expected = shifted(graph, carrier.take(C), before);
    // Frames after the first of a call have been preceded by one: 1 for each, without a shape of its own to compute.
    const zero = graph.node('Mul', [graph.node('Slice', [frames.known, start, end, axis]), graph.constant(0)]);
    const ones = graph.node('Add', [
        graph.node('Slice', [zero, start, graph.integers([1]), graph.integers([2])]),
        graph.constant(1),
    ]);
    const seen = shifted(graph, carrier.take(1), ones);
    const known = graph.node('Mul', [frames.known, seen]);
    scoreOutputs(graph, { scaled: frames.scaled, known, expected }, options, options.whitening, 'T');
    const last = graph.node('Slice', [forecasts, graph.integers([-1]), graph.integers([2 ** 31 - 1]), axis]);
    carrier.leave(graph.node('Squeeze', [last, axis]));
    carrier.leave(flagOf(graph, state, stateSize - 1));
    graph.output('state_out', carrier.pack(stateSize), ['N', stateSize]);
    return describe(graph, 'recurrent', 1, stateSize);
}
/** [N, W] before [N, T - 1, W] -> [N, T, W] */
function shifted(graph, first, rest) {
    return graph.node('Concat', [graph.node('Unsqueeze', [first, graph.integers([1])]), rest], { axis: 1 });
}
/** 1 for every row of the state, whatever it was. */
function flagOf(graph, state, at) {
    const flag = graph.node('Slice', [state, graph.integers([at]), graph.integers([at + 1]), graph.integers([1])]);
    return graph.node('Add', [graph.node('Mul', [flag, graph.constant(0)]), graph.constant(1)]);
}
/**
 * Window form: x [N, T, C] -> score [N, 1] and the others of the newest frame, which the T - 1 frames before it forecast.
 * `model` has an input of T - 1 frames; of an output [N, T - 1, C] the last frame counts.
 */
export function windowForecasterGraph(options) {
    const { model, center } = options;
    const C = center.length;
    const { frames: before } = frameInput(model, C);
    if (before === null)
        throw new UserError('A window forecaster needs a network with a fixed number of frames.');
    const graph = new GraphBuilder(options);
    const frames = scaleFrames(graph, graph.input('x', ['N', before + 1, C]), options);
    const axis = graph.integers([1]);
    const past = (value) => graph.node('Slice', [value, graph.integers([0]), graph.integers([-1]), axis]);
    const forecast = applyNetwork(graph, { scaled: past(frames.scaled), known: past(frames.known) }, options);
    const expected = newest(graph, forecast, outputShape(model, C).length);
    scoreOutputs(graph, { scaled: newest(graph, frames.scaled), known: newest(graph, frames.known), expected }, options, options.whitening);
    return describe(graph, 'window', before + 1, 0);
}
//# sourceMappingURL=forecaster.js.map