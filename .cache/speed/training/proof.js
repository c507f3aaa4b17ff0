/** The inputs that an exported graph is tried with before it may be written: random ones and real ones. */
import { Random } from '../model/random.js';
const windows = 64;
/** Of random values. */
const missingShare = 0.1;
/** Frames that a recurrent graph is tried with. */
const recurrentFrames = 32;
/** `trialWindows` of the right length, with an empty state where the graph has one. */
export function trialInputs({ kind, window }, { stateSize }, { calibrate, scaler }, seed) {
    const batches = trialWindows(calibrate, scaler, kind === 'recurrent' ? recurrentFrames : window, seed);
    if (kind === 'window')
        return batches.map((x) => ({ x }));
    const state = { data: new Float32Array(windows * stateSize), dims: [windows, stateSize] };
    return batches.map((x) => ({ x, state }));
}
/** 64 windows of Gaussian noise around normal, a tenth missing, and 64 from the recordings; two batches of [64, T, C]. */
export function trialWindows(segments, scaler, length, seed) {
    const C = scaler.center.length;
    const random = new Random(seed, 'parity');
    const dims = [windows, length, C];
    const noise = Float32Array.from({ length: windows * length * C }, (_, i) => random.chance(missingShare) ? Number.NaN : random.normal(scaler.center[i % C], 2 * scaler.scale[i % C]));
    const real = new Float32Array(windows * length * C).fill(Number.NaN);
    const long = segments.filter(({ timesMs }) => timesMs.length >= length);
    for (let w = 0; w < windows; w++) {
        const segment = long[Math.floor(random.uniform(0, long.length))];
        if (segment === undefined)
            break;
        const at = Math.floor(random.uniform(0, segment.timesMs.length - length + 1));
        real.set(segment.values.subarray(at * C, (at + length) * C), w * length * C);
    }
    return [
        { data: noise, dims },
        { data: real, dims },
    ];
}
