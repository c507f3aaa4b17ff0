import { forecasterGraph, reconstructorGraph, referenceOutputs, windowForecasterGraph, } from '../graph/index.js';
const forms = {
    forecaster: { kind: 'recurrent', task: 'forecaster', graph: forecasterGraph },
    'window-forecaster': { kind: 'window', task: 'forecaster', graph: windowForecasterGraph },
    reconstructor: { kind: 'window', task: 'reconstructor', graph: reconstructorGraph },
};
/** @param size frames of one call, 1 for the recurrent form, which takes any number; and frames until a score means anything */
export function trainedNetwork(form, model, size, losses, { scaler: { center, scale } }, { tf, name }) {
    const { graph, ...about } = forms[form];
    const options = (whitening) => ({ model, center, scale, whitening, name });
    return {
        ...size,
        ...about,
        parameters: model.countParams(),
        losses,
        toOnnx: (whitening) => graph(options(whitening)),
        reference: (x, whitening) => ({ ...referenceOutputs(tf, form, options(whitening), x.data, x.dims[0] ?? 0) }),
        dispose: () => model.dispose(),
    };
}
//# sourceMappingURL=network.js.map