/** Inputs of fewer axes get axes of length 1 after the batch, as tfjs does it. */
function aligned({ graph, inputs, inputShapes }) {
    const most = Math.max(...inputShapes.map((shape) => shape.length));
    return inputs.map((input, i) => {
        const missing = most - (inputShapes[i]?.length ?? most);
        if (missing === 0)
            return input;
        return graph.node('Unsqueeze', [input, graph.integers(Array.from({ length: missing }, (_, k) => k + 1))]);
    });
}
/** Folds inputs with an operator of two, which broadcasts. */
const fold = (op) => (call) => aligned(call).reduce((sum, input) => call.graph.node(op, [sum, input]));
export const add = fold('Add');
export const multiply = fold('Mul');
export const maximum = (call) => call.graph.node('Max', aligned(call));
export const minimum = (call) => call.graph.node('Min', aligned(call));
/** The sum over the number of inputs. */
export const average = (call) => call.graph.node('Mean', aligned(call));
export const concatenate = (call) => call.graph.node('Concat', call.inputs, { axis: call.axis(call.settings.number('axis', -1)) });
