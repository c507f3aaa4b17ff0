/** Gradients flow through it, as through tfjs's operators. */
export function predict(model, input) {
    const output = model.apply(input, { training: true });
    if (Array.isArray(output) || !('dataSync' in output))
        throw new Error('a model with one output gave another thing');
    return output;
}
