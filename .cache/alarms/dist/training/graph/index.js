export { forecasterGraph, windowForecasterGraph } from './forecaster.js';
export { reconstructorGraph } from './reconstructor.js';
export { referenceOutputs } from './reference.js';
export { noWhitening } from './scores.js';
//# sourceMappingURL=index.js.map