/** Detector graphs that judge a frame by the forecast from the frames before it. */
import { UserError } from '../../model/errors.js';
import { GraphBuilder, type Value } from '../onnx/graph.js';
import { applyNetwork, type DetectorGraph, type DetectorOptions, describe, newest } from './detector.js';
import { scaleFrames } from './frames.js';
import { frameInput, outputShape, PackedState, recurrentStateSize } from './network.js';
import { scoreOutputs } from './scores.js';

/**
 * Recurrent form: x [N, T, C] and state [N, S] -> score, contribution, expected, residual of all T frames, and state_out [N, S].
 *
 * `model` gives after each frame the forecast of the next one; its recurrent layers must return sequences, its other layers treat frames alike.
 * The state is, in this order: h and c of each layer, and the forecast of the next frame (scaled, [C]). All zeros is no memory: the first frame is held against
 * the centers, which no warm-up lets count. T calls with one frame give the same bits as one call with T frames.
 * @throws UserError for a network that can't run frame by frame
 */
export function forecasterGraph(options: DetectorOptions): DetectorGraph {
  const { model, center } = options;
  const C = center.length;
  frameInput(model, C);
  if (outputShape(model, C).length !== 3)
    throw new UserError(`A recurrent forecaster needs a network that gives a forecast after every frame.`);
  const stateSize = recurrentStateSize(model) + C;
  const graph = new GraphBuilder(options);
  const x = graph.input('x', ['N', 'T', C]);
  const state = graph.input('state', ['N', stateSize]);
  const carrier = new PackedState(graph, state);
  const frames = scaleFrames(graph, x, options);
  const forecasts = applyNetwork(graph, frames, options, carrier);

  // Frame t is judged by what was forecast after frame t - 1; the first by what the state brings.
  const axis = graph.integers([1]);
  const before = graph.node('Slice', [forecasts, graph.integers([0]), graph.integers([-1]), axis]);
  const expected = graph.node('Concat', [graph.node('Unsqueeze', [carrier.take(C), axis]), before], { axis: 1 });
  scoreOutputs(graph, { ...frames, expected }, options, options.whitening, 'T');
  carrier.leave(graph.node('Gather', [forecasts, graph.integers([-1], [])], { axis: 1 }));
  graph.output('state_out', carrier.pack(stateSize), ['N', stateSize]);
  return describe(graph, 'recurrent', 1, stateSize);
}

/**
 * Window form: x [N, T, C] -> score [N, 1] and the others of the newest frame, which the T - 1 frames before it forecast.
 * `model` has an input of T - 1 frames; of an output [N, T - 1, C] the last frame counts.
 */
export function windowForecasterGraph(options: DetectorOptions): DetectorGraph {
  const { model, center } = options;
  const C = center.length;
  const { frames: before } = frameInput(model, C);
  if (before === null) throw new UserError('A window forecaster needs a network with a fixed number of frames.');
  const graph = new GraphBuilder(options);
  const frames = scaleFrames(graph, graph.input('x', ['N', before + 1, C]), options);
  const axis = graph.integers([1]);
  const past = (value: Value) => graph.node('Slice', [value, graph.integers([0]), graph.integers([-1]), axis]);
  const forecast = applyNetwork(graph, { scaled: past(frames.scaled), known: past(frames.known) }, options);
  const expected = newest(graph, forecast, outputShape(model, C).length);
  scoreOutputs(
    graph,
    { scaled: newest(graph, frames.scaled), known: newest(graph, frames.known), expected },
    options,
    options.whitening,
  );
  return describe(graph, 'window', before + 1, 0);
}
