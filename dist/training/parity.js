/** Does the exported graph compute what was trained? onnxruntime against any reference, before anything is written. */
import { UserError } from '../model/errors.js';
import { openSession } from '../model/session.js';
/** An export that differs more is a bug, here or in onnxruntime. */
export const parityLimit = 1e-4;
/**
 * Runs `forward` and the graph on every element of `inputs`.
 * @param onnx bytes of the .onnx file
 * @throws UserError above `limit`, and where an output is NaN on one side only
 */
export async function checkParity(forward, onnx, inputs, limit = parityLimit) {
    const session = await openSession(onnx);
    try {
        let worst = { maxAbs: 0, maxDifference: 0, output: '', compared: 0 };
        for (const feeds of inputs) {
            const [expected, actual] = [await forward(feeds), await session.run(feeds)];
            for (const name of session.outputNames) {
                const wanted = expected[name];
                if (wanted === undefined)
                    continue;
                worst = join(worst, compare(name, wanted, actual[name] ?? new Float32Array(0)));
            }
        }
        if (worst.compared === 0)
            throw new Error('no output to compare');
        if (worst.maxDifference <= limit)
            return worst;
        throw new UserError(`The exported graph differs from the trained network by ${worst.maxDifference.toExponential(1)} in "${worst.output}"; up to ${limit} is rounding.`, {}, 'Nothing was written. This is a bug of the exporter or of onnxruntime: please report it with the recipe.');
    }
    finally {
        await session.close();
    }
}
function compare(output, wanted, actual) {
    if (wanted.length !== actual.length)
        return { maxAbs: Infinity, maxDifference: Infinity, output, compared: wanted.length };
    let maxAbs = 0;
    let maxDifference = 0;
    for (const [i, a] of wanted.entries()) {
        const b = actual[i] ?? Number.NaN;
        if (Object.is(a, b) || a === b)
            continue;
        const difference = Math.abs(a - b);
        const relative = difference / Math.max(1, Math.abs(a));
        maxAbs = Math.max(maxAbs, Number.isNaN(difference) ? Infinity : difference);
        maxDifference = Math.max(maxDifference, Number.isNaN(relative) ? Infinity : relative);
    }
    return { maxAbs, maxDifference, output, compared: wanted.length };
}
function join(a, b) {
    return {
        maxAbs: Math.max(a.maxAbs, b.maxAbs),
        maxDifference: Math.max(a.maxDifference, b.maxDifference),
        output: b.maxDifference > a.maxDifference || a.compared === 0 ? b.output : a.output,
        compared: a.compared + b.compared,
    };
}
//# sourceMappingURL=parity.js.map