/** The only place that creates an inference session: one thread, no telemetry, denormals as zero. */
import { isMainThread } from 'node:worker_threads';
const sessionOptions = {
    // The graphs are small and batches are many: threads of its own would spin and win nothing.
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // A recurrent state that fades to nothing would else fall into denormals, a hundred times slower.
    extra: { session: { set_denormal_as_zero: '1' } },
};
/**
 * Since 1.29 onnxruntime looks up names, writes files and starts a thread to phone home. Only this variable, set before the library is loaded, keeps it quiet.
 * A worker's `process.env` is a copy that native code never sees: call this on the main thread before a worker that opens sessions is started.
 */
export function disableTelemetry() {
    process.env.ORT_DISABLE_TELEMETRY = '1';
}
/** @param graph path of an .onnx file, or its bytes */
export async function openSession(graph) {
    if (isMainThread)
        disableTelemetry();
    else if (process.env.ORT_DISABLE_TELEMETRY !== '1') {
        throw new Error('disableTelemetry() must be called on the main thread before this worker is started');
    }
    // Not at the top of the file: imports are loaded before any code runs.
    const { InferenceSession, Tensor } = await import('onnxruntime-node');
    const session = await (typeof graph === 'string'
        ? InferenceSession.create(graph, sessionOptions)
        : InferenceSession.create(graph, sessionOptions));
    return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        async run(inputs) {
            const feeds = {};
            for (const name in inputs) {
                const { data, dims } = inputs[name];
                feeds[name] = new Tensor('float32', data, dims);
            }
            const results = await session.run(feeds);
            const outputs = {};
            for (const name in results)
                outputs[name] = results[name]?.data;
            return outputs;
        },
        close: () => session.release(),
    };
}
