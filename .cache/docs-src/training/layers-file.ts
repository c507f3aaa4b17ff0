/** Reads a tfjs layers model from disk: model.json and the weight files beside it, without tfjs-node. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { io, LayersModel } from '@tensorflow/tfjs';
import { UserError } from '../model/errors.js';
import type { TensorFlow } from './tensorflow/load.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * @param file model.json as tfjs saves it or as tensorflowjs_converter writes it; keys in snake_case or camelCase
 * @throws UserError for a file that is missing or no layers model, and for weights that are missing, too short or for other layers
 */
export async function readLayersModel(tf: TensorFlow, file: string): Promise<LayersModel> {
  const json = parse(await read(file), file);
  const format = json.format;
  if (format === 'graph-model')
    throw new UserError('This is a graph model.', { file }, 'Convert or save it as a layers model instead.');
  const topology = record(json.modelTopology ?? json.model_topology);
  if (topology === undefined)
    throw new UserError('This is no layers model: it has no modelTopology.', { file }, 'Save it with model.save().');
  const manifest = json.weightsManifest ?? json.weights_manifest;
  const groups = (Array.isArray(manifest) ? manifest : []).map((group: unknown) => record(group) ?? {});
  const shards = groups.flatMap(({ paths }) => (Array.isArray(paths) ? paths.map(String) : []));
  const data = await Promise.all(shards.map((shard) => read(path.join(path.dirname(file), shard))));
  const artifacts: io.ModelArtifacts = {
    modelTopology: record(topology.model_config ?? topology.modelConfig) ?? topology,
    weightSpecs: groups.flatMap(({ weights }) =>
      Array.isArray(weights) ? (weights as io.WeightsManifestEntry[]) : [],
    ),
    weightData: new Uint8Array(Buffer.concat(data)).buffer,
  };
  try {
    return await tf.loadLayersModel({ load: async () => artifacts });
  } catch (error) {
    throw new UserError(
      `The model does not load: ${error instanceof Error ? error.message : String(error)}`,
      { file },
      'It must hold layers that tfjs knows, and their weights.',
      { cause: error },
    );
  }
}

async function read(file: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw new UserError('This file can not be read.', { file }, 'The weight files must stand beside model.json.', {
      cause,
    });
  });
}

function parse(content: Buffer, file: string): Json {
  try {
    const json = record(JSON.parse(content.toString('utf8')));
    if (json !== undefined) return json;
  } catch (cause) {
    throw new UserError('This is not JSON.', { file }, 'Name the model.json of a tfjs layers model.', { cause });
  }
  throw new UserError('This is no layers model.', { file }, 'Name the model.json of a tfjs layers model.');
}

function record(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}
