import { systemClock } from '../../model/clock.js';
import { Random } from '../../model/random.js';
import { fuseLstm } from '../../training/lstm/fused.js';
import { progressOn } from '../../training/progress.js';
import { loadTensorFlow } from '../../training/tensorflow/load.js';
const cases = [
    { name: 'LSTM(32), 1024 windows of 32x4, batch 64', units: [32], steps: 32, channels: 4, windows: 1024, batch: 64 },
    {
        name: '2xLSTM(64), 2048 windows of 64x4, batch 64',
        units: [64, 64],
        steps: 64,
        channels: 4,
        windows: 2048,
        batch: 64,
    },
];
const rounds = 4;
const { tf, backend, description } = await loadTensorFlow({ choice: 'native', progress: progressOn(process.stderr) });
console.error(`${description}; ${backend}`);
function build({ units, steps, channels }) {
    const lstm = (count, i) => tf.layers.lstm({
        units: count,
        recurrentActivation: 'sigmoid',
        returnSequences: i < units.length - 1,
        recurrentInitializer: 'glorotUniform',
        ...(i === 0 ? { inputShape: [steps, channels] } : {}),
    });
    const model = tf.sequential({ layers: [...units.map(lstm), tf.layers.dense({ units: channels })] });
    model.compile({ optimizer: tf.train.adam(1e-3), loss: 'meanSquaredError' });
    return model;
}
/** The fastest epoch of each after one that warms up, taken by turns: on a machine with other work the rest tells of that. */
async function fastestEpochsMs(models, one) {
    const { steps, channels, windows, batch } = one;
    const random = new Random('bench');
    const draw = (length) => Float32Array.from({ length }, () => random.normal());
    const x = tf.tensor3d(draw(windows * steps * channels), [windows, steps, channels]);
    const y = tf.tensor2d(draw(windows * channels), [windows, channels]);
    const fastest = models.map(() => Number.POSITIVE_INFINITY);
    for (let round = 0; round <= rounds; round++)
        for (const [k, model] of models.entries()) {
            const startMs = systemClock.monotonic();
            await model.fit(x, y, { batchSize: batch, epochs: 1, verbose: 0, shuffle: false });
            if (round > 0)
                fastest[k] = Math.min(fastest[k] ?? 0, systemClock.monotonic() - startMs);
        }
    tf.dispose([x, y]);
    return fastest;
}
const results = [];
for (const one of cases) {
    const stock = build(one);
    const fused = build(one);
    fuseLstm(tf, fused);
    const [stockMs = Number.NaN, fusedMs = Number.NaN] = await fastestEpochsMs([stock, fused], one);
    const round = (value) => Math.round(value * 10) / 10;
    results.push({
        case: one.name,
        stockMsPerEpoch: round(stockMs),
        fusedMsPerEpoch: round(fusedMs),
        speedup: round(stockMs / fusedMs),
    });
    for (const model of [stock, fused])
        model.dispose();
}
// The slowest case, that with the least gain, comes last.
for (const result of results.sort((a, b) => b.speedup - a.speedup))
    console.log(JSON.stringify({ bench: 'train', ...result }));
