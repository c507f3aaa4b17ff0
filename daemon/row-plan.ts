/** What messages of one shape hold for an input, worked out once: which number is which signal of which row. */
import { follow, type JsonPath } from './json-path.js';
import type { JsonShape } from './json-shape.js';

/** One number of a row of many. */
export interface Source {
  readonly channel: number;
  /** The path's only step, where it has just one: the common case, and the fast one. */
  readonly key: string | number | undefined;
  readonly path: JsonPath;
  readonly scale: number;
  readonly offset: number;
}

/** How an input finds its way in a message. */
export interface RowLayout {
  readonly rowsPath: JsonPath | undefined;
  readonly timePath: JsonPath | undefined;
  readonly assetPath: JsonPath | undefined;
  /** Where in a row its signals stand. */
  readonly signalsOf: (row: unknown) => unknown;
  readonly sources: readonly Source[];
}

/** Leaves of a shape, by number. */
export interface PlannedRow {
  /** -1 = the row has no time of its own, and needs none. */
  readonly time: number;
  /** -1 = the topic names the asset. */
  readonly asset: number;
  readonly readings: readonly PlannedReading[];
}

export interface PlannedReading extends Pick<Source, 'channel' | 'scale' | 'offset'> {
  readonly leaf: number;
}

export type RowPlan = readonly PlannedRow[];

/** The rows of every message of this shape; undefined where more than numbers and texts decides what becomes of one. */
export function planRows(shape: JsonShape<RowPlan>, layout: RowLayout): RowPlan | undefined {
  const { root } = shape;
  const found = layout.rowsPath === undefined ? root : follow(root, layout.rowsPath);
  const rows: readonly unknown[] = Array.isArray(found) ? found : [found];
  const plan: PlannedRow[] = [];
  for (const row of rows) {
    const planned = planRow(shape, row, layout);
    if (planned === undefined) return undefined;
    plan.push(planned);
  }
  return plan.length > 0 ? plan : undefined;
}

function planRow(shape: JsonShape<RowPlan>, row: unknown, layout: RowLayout): PlannedRow | undefined {
  const { timePath, assetPath, signalsOf, sources } = layout;
  const ofRowOrRoot = (path: JsonPath | undefined) => {
    if (path === undefined) return -1;
    return follow(row, path) === undefined ? leafAt(shape, shape.root, path) : leafAt(shape, row, path);
  };
  const time = ofRowOrRoot(timePath);
  const asset = ofRowOrRoot(assetPath);
  if (time === undefined || asset === undefined) return undefined;
  const from = signalsOf(row);
  const readings: PlannedReading[] = [];
  for (const { channel, path, scale, offset } of sources) {
    if (follow(from, path) === undefined) continue;
    const leaf = leafAt(shape, from, path);
    if (leaf === undefined || shape.isText(leaf)) return undefined;
    readings.push({ leaf, channel, scale, offset });
  }
  return readings.length > 0 ? { time, asset, readings } : undefined;
}

/** The leaf to which `path` leads from `root`; undefined if it leads to none. */
function leafAt(shape: JsonShape<RowPlan>, root: unknown, path: JsonPath): number | undefined {
  const key = path.at(-1);
  return key === undefined ? undefined : shape.leafOf(follow(root, path.slice(0, -1)), key);
}
