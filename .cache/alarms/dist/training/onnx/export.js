import { GraphBuilder } from './graph.js';
import { emitModel } from './model.js';
/**
 * Exports what `model.predict` computes: dropout and noise are gone, batch normalisation has its running statistics.
 *
 * Lengths that tfjs does not know stay symbolic: the batch is `N`, others are named after their input and axis. Inputs are float32; outputs differ from
 * tfjs's CPU backend by rounding only (1e-5 at values around 1).
 * @throws UserError that names layer and class where a layer or one of its settings can't be exported
 */
export function toOnnx(model, options = {}) {
    const graph = new GraphBuilder({
        name: options.name ?? model.name,
        ...(options.opset === undefined ? {} : { opset: options.opset }),
        ...(options.metadata === undefined ? {} : { metadata: options.metadata }),
    });
    const names = distinct([
        ...model.inputs.map((tensor, i) => options.inputNames?.[i] ?? tensor.sourceLayer.name),
        ...model.outputs.map((tensor, i) => options.outputNames?.[i] ?? tensor.sourceLayer.name),
    ]);
    const inputs = model.inputs.map((tensor, i) => {
        const name = names[i] ?? '';
        return graph.input(name, dims(tensor, name));
    });
    const outputs = emitModel(graph, model, inputs, options.handlers === undefined ? {} : { handlers: options.handlers });
    outputs.forEach((value, i) => {
        const name = names[model.inputs.length + i] ?? '';
        const tensor = model.outputs[i];
        if (tensor !== undefined)
            graph.output(name, value, dims(tensor, name));
    });
    return graph.encode();
}
function dims({ shape }, name) {
    return shape.map((length, axis) => length ?? (axis === 0 ? 'N' : `${name}_${axis}`));
}
/** Adds `_1`, `_2` ... to names that come again. */
function distinct(names) {
    const seen = new Set();
    return names.map((base) => {
        let name = base;
        for (let i = 1; seen.has(name); i++)
            name = `${base}_${i}`;
        seen.add(name);
        return name;
    });
}
//# sourceMappingURL=export.js.map