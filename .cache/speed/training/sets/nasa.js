import { loadTrainTest } from './train-test.js';
export function loadNasa(root) {
    return loadTrainTest(root, { layout: 'SMAP/<channel>/train.csv', periodMs: 60_000 });
}
