/** Reads a tfjs layers model from disk: model.json and the weight files beside it, without tfjs-node. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../model/errors.js';
/**
 * @param file model.json as tfjs saves it or as tensorflowjs_converter writes it; keys in snake_case or camelCase
 * @throws UserError for a file that is missing or no layers model, and for weights that are missing, too short or for other layers
 */
export async function readLayersModel(tf, file) {
    const json = parse(await read(file), file);
    const format = json.format;
    if (format === 'graph-model')
        throw new UserError('This is a graph model.', { file }, 'Convert or save it as a layers model instead.');
    const topology = record(json.modelTopology ?? json.model_topology);
    if (topology === undefined)
        throw new UserError('This is no layers model: it has no modelTopology.', { file }, 'Save it with model.save().');
    const manifest = json.weightsManifest ?? json.weights_manifest;
    const groups = (Array.isArray(manifest) ? manifest : []).map((group) => record(group) ?? {});
    const shards = groups.flatMap(({ paths }) => (Array.isArray(paths) ? paths.map(String) : []));
    const data = await Promise.all(shards.map((shard) => read(path.join(path.dirname(file), shard))));
    const artifacts = {
        modelTopology: record(topology.model_config ?? topology.modelConfig) ?? topology,
        weightSpecs: groups.flatMap(({ weights }) => Array.isArray(weights) ? weights : []),
        weightData: new Uint8Array(Buffer.concat(data)).buffer,
    };
    try {
        return await tf.loadLayersModel({ load: async () => artifacts });
    }
    catch (error) {
        throw new UserError(`The model does not load: ${error instanceof Error ? error.message : String(error)}`, { file }, 'It must hold layers that tfjs knows, and their weights.', { cause: error });
    }
}
async function read(file) {
    return readFile(file).catch((cause) => {
        throw new UserError('This file can not be read.', { file }, 'The weight files must stand beside model.json.', {
            cause,
        });
    });
}
function parse(content, file) {
    try {
        const json = record(JSON.parse(content.toString('utf8')));
        if (json !== undefined)
            return json;
    }
    catch (cause) {
        throw new UserError('This is not JSON.', { file }, 'Name the model.json of a tfjs layers model.', { cause });
    }
    throw new UserError('This is no layers model.', { file }, 'Name the model.json of a tfjs layers model.');
}
function record(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}
