/** The only place that creates an inference session: one thread, no telemetry, denormals as zero. */

export interface GraphInput {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

export interface GraphSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Runs the graph; outputs are fresh arrays. A synchronous native call behind the promise: never on a thread that must stay live. */
  run(inputs: Readonly<Record<string, GraphInput>>): Promise<Readonly<Record<string, Float32Array>>>;
  close(): Promise<void>;
}

/** @param graph path of an .onnx file, or its bytes */
export async function openSession(_graph: string | Uint8Array): Promise<GraphSession> {
  throw new Error('not built yet');
}
