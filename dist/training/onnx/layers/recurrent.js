import { Settings } from '../settings.js';
import { emitRecurrent, recurrentKinds } from './recurrent-operator.js';
/** The handler of a layer with the weights and settings of tfjs's `className`: also for faster subclasses of it. */
export function recurrentHandler(className) {
    return (call) => {
        const kind = recurrentKinds[className] ?? call.refuse('is no recurrent layer');
        const { goBackwards, returnSequences, returnState } = flags(call.layer);
        const direction = goBackwards ? 'reverse' : 'forward';
        const { y, last } = emitRecurrent(call, kind, [call.layer], direction, call.inputs.slice(1));
        const states = last.flatMap((directions) => directions.slice(0, 1));
        const [h] = states;
        if (h === undefined)
            return call.refuse('has no state');
        if (!returnSequences)
            return returnState ? [h, ...states] : h;
        const squeezed = call.graph.node('Squeeze', [y, call.graph.integers([1])]);
        const sequence = call.graph.node('Transpose', [squeezed], { perm: [1, 0, 2] });
        // ONNX gives a backward sequence in the order of time, tfjs in the order it was made in.
        const output = goBackwards ? reverseTime(call, sequence) : sequence;
        return returnState ? [output, ...states] : output;
    };
}
/** Both directions are one operator; tfjs turns the backward sequence round, so both are in the order of time. */
export const bidirectional = (call) => {
    // Not in the d.ts: tfjs trains two clones of the layer.
    const { forwardLayer, backwardLayer } = call.layer;
    if (forwardLayer === undefined || backwardLayer === undefined)
        return call.refuse('has no two layers');
    const name = forwardLayer.getClassName();
    const kind = recurrentKinds[name];
    if (kind === undefined)
        return call.refuse(`wraps a ${name}, which is not supported`);
    const { goBackwards, returnSequences, returnState } = flags(forwardLayer);
    if (goBackwards)
        return call.refuse('wraps a layer that itself goes backwards');
    const pair = [forwardLayer, backwardLayer];
    const { y, last } = emitRecurrent(call, kind, pair, 'bidirectional', call.inputs.slice(1));
    const states = returnState ? [0, 1].flatMap((d) => last.flatMap((state) => state.slice(d, d + 1))) : [];
    const merged = returnSequences
        ? mergeSequences(call, y, new Settings(forwardLayer).number('units', 0))
        : mergeOutputs(call, last[0] ?? []);
    return [...merged, ...states];
};
/** @param y [T, 2, N, H] */
function mergeSequences(call, y, units) {
    const { graph } = call;
    if (call.settings.value('mergeMode') === 'concat') {
        // [N, T, 2, H] -> [N, T, 2 H]
        const ordered = graph.node('Transpose', [y], { perm: [2, 0, 1, 3] });
        return [graph.node('Reshape', [ordered, graph.integers([0, 0, 2 * units])])];
    }
    const outputs = [0, 1].map((direction) => {
        const one = graph.node('Gather', [y, graph.integers([direction], [])], { axis: 1 });
        return graph.node('Transpose', [one], { perm: [1, 0, 2] });
    });
    return mergeOutputs(call, outputs);
}
const mergeOperators = { sum: 'Add', mul: 'Mul', ave: 'Mean' };
function mergeOutputs(call, outputs) {
    const mode = call.settings.value('mergeMode');
    if (mode === undefined)
        return outputs;
    if (mode === 'concat')
        return [call.graph.node('Concat', outputs, { axis: -1 })];
    const operator = mergeOperators[String(mode)] ?? call.refuse(`merges by "${String(mode)}"`);
    return [call.graph.node(operator, outputs)];
}
/** [N, T, H], the last step first. */
function reverseTime({ graph }, sequence) {
    const from = graph.integers([-1]);
    return graph.node('Slice', [sequence, from, graph.integers([-(2 ** 31)]), graph.integers([1]), from]);
}
function flags(layer) {
    const settings = new Settings(layer);
    return {
        goBackwards: settings.flag('goBackwards'),
        returnSequences: settings.flag('returnSequences'),
        returnState: settings.flag('returnState'),
    };
}
//# sourceMappingURL=recurrent.js.map