import { recurrentActivation } from '../activations.js';
import { floats } from '../graph.js';
import { Settings } from '../settings.js';
import { permuted } from './spatial.js';
/**
 * LSTM: i, f, o = rec(x K + h U + b), g = act(...), c' = f c + i g, h' = o act(c'); tfjs has the gates i, f, g, o, ONNX i, o, f, g.
 * GRU: z, r = rec(...), g = act(x K + (r h) U + b), h' = z h + (1 - z) g; both z, r, g; linear_before_reset = 0.
 * SimpleRNN: h' = act(x K + h U + b).
 */
export const recurrentKinds = {
    LSTM: {
        op: 'LSTM',
        gates: [0, 3, 1, 2],
        activations: ['recurrentActivation', 'activation', 'activation'],
        states: 2,
    },
    GRU: { op: 'GRU', gates: [0, 1, 2], activations: ['recurrentActivation', 'activation'], states: 1 },
    SimpleRNN: { op: 'RNN', gates: [0], activations: ['activation'], states: 1 },
};
/**
 * The operator itself.
 * @param directions one layer, or the forward and the backward one
 * @param initial tfjs's initial states, [N, H] each, all of a direction together; none = zeros
 * @returns y [T, D, N, H], and the last states as [N, H], by state and direction
 */
export function emitRecurrent(call, kind, directions, direction, initial) {
    const { graph, carrier } = call;
    const settings = new Settings(directions[0] ?? call.layer);
    if (settings.flag('stateful'))
        call.refuse('is stateful', 'Build the same model with stateful: false and give it the same weights.');
    const units = settings.number('units', 0);
    if (carrier !== undefined && initial.length > 0)
        call.refuse('has an initial state of its own');
    const starts = carrier === undefined ? initial : Array.from({ length: kind.states }, () => carrier.take(units));
    const stacked = Array.from({ length: starts.length === 0 ? 0 : kind.states }, (_, state) => {
        const rows = directions.map((_, d) => starts[d * kind.states + state] ?? call.refuse('lacks an initial state'));
        const raised = rows.map((row) => graph.node('Unsqueeze', [row, graph.integers([0])]));
        return raised.length === 1 ? raised[0] : graph.node('Concat', raised, { axis: 0 });
    });
    const { x, kernel } = carrier !== undefined && kind.op === 'RNN' ? projected(call, units) : plainInput();
    const gateCount = kind.gates.length;
    const bias = directions.map((layer) => call.weightOf(layer, 'bias'));
    const [y, ...states] = graph.nodeWith(kind.op, 1 + kind.states, [
        x,
        kernel,
        stackedWeights(call, kind, directions, 'recurrent_kernel'),
        bias[0] === undefined
            ? undefined
            : graph.constant(
            // Half of ONNX's biases are for the recurrent product; tfjs has none there.
            bias.flatMap((weight) => [
                ...reorder(Array.from(weight?.data ?? []), kind.gates),
                ...new Array(gateCount * units).fill(0),
            ]), [directions.length, 2 * gateCount * units], 'bias'),
        undefined,
        ...stacked,
    ], { hidden_size: units, direction, ...activationAttributes(call, kind, settings, directions.length) });
    const last = states.map((state) => {
        if (directions.length === 1)
            return [graph.node('Squeeze', [state, graph.integers([0])])];
        return directions.map((_, d) => graph.node('Gather', [state, graph.integers([d], [])], { axis: 0 }));
    });
    if (carrier !== undefined)
        for (const [state] of last)
            if (state !== undefined)
                carrier.leave(state);
    if (y === undefined)
        throw new Error('a recurrent operator without output');
    return { y, last };
    function plainInput() {
        return {
            x: graph.node('Transpose', [call.input], { perm: [1, 0, 2] }),
            kernel: stackedWeights(call, kind, directions, 'kernel'),
        };
    }
}
/**
 * x K before the operator, which then multiplies by 1. onnxruntime's RNN rounds x K differently for one step of one row than for many, its LSTM, GRU and
 * MatMul do not; and a detector must give the same bits whether frames come one by one or together.
 */
function projected(call, units) {
    const { graph } = call;
    const product = graph.node('MatMul', [call.input, call.constant('kernel')]);
    const identity = Array.from({ length: units * units }, (_, i) => (i % (units + 1) === 0 ? 1 : 0));
    return {
        x: graph.node('Transpose', [product], { perm: [1, 0, 2] }),
        kernel: graph.constant(identity, [1, units, units], 'identity'),
    };
}
/** [I, G H] of each direction -> [D, G H, I], gates in ONNX's order. */
function stackedWeights(call, kind, directions, name) {
    const blocks = directions.map((layer) => {
        const weight = call.weightOf(layer, name) ?? call.refuse(`has no weight "${name}"`);
        const { data, shape } = permuted(weight, [1, 0]);
        return { data: reorder(Array.from(data), kind.gates), shape };
    });
    const [rows = 0, columns = 0] = blocks[0]?.shape ?? [];
    return call.graph.constant(blocks.flatMap(({ data }) => data), [directions.length, rows, columns], name);
}
/** Blocks of equal length in another order. */
function reorder(data, order) {
    const length = data.length / order.length;
    return order.flatMap((block) => data.slice(block * length, (block + 1) * length));
}
function activationAttributes(call, kind, settings, directions) {
    const one = kind.activations.map((key) => {
        const name = settings.text(key, key === 'activation' ? 'tanh' : 'hardSigmoid');
        return (recurrentActivation(name) ?? call.refuse(`has the activation "${name}", which ONNX's ${kind.op} does not know`));
    });
    // Each direction has activations of its own: what is left out would be the default.
    const all = Array.from({ length: directions }, () => one).flat();
    const alpha = all.flatMap((activation) => activation.alpha ?? []);
    const beta = all.flatMap((activation) => activation.beta ?? []);
    return {
        activations: all.map((activation) => activation.name),
        ...(alpha.length === 0 ? {} : { activation_alpha: floats(alpha) }),
        ...(beta.length === 0 ? {} : { activation_beta: floats(beta) }),
    };
}
