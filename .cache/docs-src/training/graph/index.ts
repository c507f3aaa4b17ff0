/** Detector graphs of the contract in ARCHITECTURE.md, out of a trained network and constants. */
export type { DetectorGraph, DetectorOptions } from './detector.js';
export { forecasterGraph, windowForecasterGraph } from './forecaster.js';
export type { Scaling } from './frames.js';
export { reconstructorGraph } from './reconstructor.js';
export { referenceOutputs } from './reference.js';
export { noWhitening, type Whitening } from './scores.js';
