import { loadTrainTest } from './train-test.js';
export function loadSmd(root) {
    return loadTrainTest(root, { layout: 'machine-*/train.csv', periodMs: 60_000 });
}
