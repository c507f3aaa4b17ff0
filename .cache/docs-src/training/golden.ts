/** Golden vectors: inputs and what each final graph made of them here, for the daemon to check at load. */
import type { DetectorManifest, Golden } from '../model/manifest.js';
import type { Segment } from '../model/segment.js';
import { openSession } from '../model/session.js';

/** Frames of a recurrent detector's golden sequence. */
const recurrentFrames = 8;

/** One real window, and the same with its first signal missing. */
export async function goldenVectors(
  detector: Pick<DetectorManifest, 'name' | 'kind' | 'window' | 'stateSize'>,
  graph: Uint8Array,
  segments: readonly Segment[],
  channels: number,
): Promise<Golden> {
  const T = detector.kind === 'recurrent' ? recurrentFrames : detector.window;
  const source = segments.find(({ timesMs }) => timesMs.length >= T);
  const window = new Float32Array(T * channels).fill(Number.NaN);
  if (source !== undefined) window.set(source.values.subarray(0, T * channels));
  const x = Float32Array.from([...window, ...window.map((value, i) => (i % channels === 0 ? Number.NaN : value))]);
  const shape = [2, T, channels];
  const state = new Float32Array(2 * detector.stateSize);
  const session = await openSession(graph);
  try {
    const outputs = await session.run({
      x: { data: x, dims: shape },
      ...(detector.kind === 'recurrent' ? { state: { data: state, dims: [2, detector.stateSize] } } : {}),
    });
    return {
      detector: detector.name,
      x: Array.from(x, (value) => (Number.isNaN(value) ? null : value)),
      shape,
      ...(detector.kind === 'recurrent' ? { state: [...state] } : {}),
      outputs: Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, [...values]])),
    };
  } finally {
    await session.close();
  }
}
