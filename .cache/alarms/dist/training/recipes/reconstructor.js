import { optimise } from '../optimise.js';
import { inputLimit, scaleFrames } from '../scaler.js';
import { cutWindows, gather } from '../windows.js';
import { maskedHuber } from './loss.js';
import { trainedNetwork } from './network.js';
import { predict } from './predict.js';
/** @param model [N, T, 2C] scaled values and known flags -> [N, T, C] scaled values */
export async function trainReconstructor(model, options, data, context) {
    const train = reconstructionExamples(options, data, data.fit, model, context);
    const validate = reconstructionExamples(options, data, data.validate, model, context);
    const { history: _, ...losses } = await optimise(model, train, validate, options, context);
    return trainedNetwork('reconstructor', model, { window: options.window, warmupFrames: options.window - 1 }, losses, data, context);
}
function reconstructionExamples(options, data, segments, model, { tf }) {
    const C = data.channels.length;
    const { window } = options;
    const frames = segments.map((segment) => scaleFrames(segment, data.scaler, inputLimit));
    const set = cutWindows(frames, C, window, options.stride);
    return {
        count: set.starts.length,
        loss: (rows, random) => {
            const batch = gather(set, rows, options, random);
            const tensor = (array, width) => tf.tensor3d(array, [batch.size, window, width]);
            return maskedHuber(tf, predict(model, tensor(batch.input, 2 * C)), tensor(batch.target, C), tensor(batch.weight, C));
        },
    };
}
//# sourceMappingURL=reconstructor.js.map