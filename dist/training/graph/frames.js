/** Beyond this many spreads a value is as strange as it gets; squares and sums of it stay finite in float32. */
export const farLimit = 1e6;
/** What enters a network: it has seen no more, and must not saturate for all other signals. */
export const inputLimit = 8;
const largestFloat = 3.4028234663852886e38;
/** @param x [N, T, C] in engineering units; NaN and infinities are missing */
export function scaleFrames(graph, x, { center, scale }) {
    const middle = graph.constant(center, [center.length], 'center');
    // False for NaN and infinities, in two nodes instead of four.
    const isKnown = graph.node('LessOrEqual', [graph.node('Abs', [x]), graph.constant(largestFloat)]);
    const filled = graph.node('Where', [isKnown, x, middle]);
    const spreads = graph.constant(scale, [scale.length], 'scale');
    const scaled = graph.node('Div', [graph.node('Sub', [filled, middle]), spreads]);
    return { known: graph.node('Cast', [isKnown], { to: 1 }), scaled: clip(graph, scaled, farLimit) };
}
/** [N, T, 2C]: values within +-`limit`, then what is known: so a gap is not taken for a normal value. */
export function networkInput(graph, { scaled, known }, limit = inputLimit) {
    return graph.node('Concat', [clip(graph, scaled, limit), known], { axis: -1 });
}
export function clip(graph, x, limit) {
    return graph.node('Clip', [x, graph.constant(-limit), graph.constant(limit)]);
}
//# sourceMappingURL=frames.js.map