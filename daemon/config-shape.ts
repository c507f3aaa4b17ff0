/** What one payload looks like: where its time, its values, its rows and the name of its machine stand. */
import { parseJson } from './payload-value.js';
import { decodeTime } from './time.js';

/** Paths as an input of the config has them. */
export interface Shape {
  readonly time?: string;
  readonly rows?: string;
  /** Path of the one number or of the object of numbers, or signal -> path where they are scattered. */
  readonly values?: string | Readonly<Record<string, string>>;
  /** Path of the signal's name, for rows of one reading. */
  readonly signal?: string;
  /** Path of what may be the machine's name. */
  readonly asset?: string;
  /** `in-topic`: the payload is one number and the topic must name its signal. */
  readonly signals: readonly string[] | 'in-topic';
}

type Row = Record<string, unknown>;

const timeNames =
  /^(@?_?time_?(stamp)?(_?ms)?|ts|t|date_?time|date|when|last_?seen|(event|source|device)_?time(_?stamp)?)$/i;
const valueFolders = ['values', 'fields', 'metrics', 'data', 'readings', 'measurements'];
const assetNames = /^(asset|device|machine|equipment|unit|station|source|host)(_?(id|name))?$/i;
const signalNames = /^(name|id|signal|tag|sensor|channel|metric|variable|n)$/i;
const valueNames = /^(value|val|v)$/i;
/** Numbers that count messages or name things, and measure nothing. */
const bookkeeping = /^(seq|sequence|(msg|message)_?id|id|counter|version|quality|q)$/i;
/** Levels of objects that are searched for numbers. */
const depth = 4;

/** Undefined where it holds no number. */
export function shapeOf(payload: Buffer): Shape | undefined {
  const text = payload.toString().trim();
  const root = parseJson(text);
  if (typeof root === 'number' || (text !== '' && Number.isFinite(Number(text)))) return { signals: 'in-topic' };
  if (Array.isArray(root)) return rowOfMany(root[0]);
  if (!isObject(root)) return undefined;
  for (const [key, value] of Object.entries(root)) {
    const inner = Array.isArray(value) ? rowOfMany(value[0]) : undefined;
    if (inner === undefined) continue;
    const time = inner.time ?? timeOf(root);
    return { ...inner, rows: `$${step(key)}`, ...(time !== undefined && { time }) };
  }
  return rowShape(root);
}

/** The names that rows of a payload give at a path: what may be its machines. */
export function namesAt(payload: Buffer, { asset, rows }: Pick<Shape, 'asset' | 'rows'>): string[] {
  if (asset === undefined) return [];
  const root = parseJson(payload.toString());
  const list =
    rows === undefined || !isObject(root) ? root : Object.entries(root).find(([key]) => `$${step(key)}` === rows)?.[1];
  const found = [list].flat().filter(isObject);
  return found.flatMap((row) =>
    Object.entries(row).flatMap(([key, value]) =>
      `$${step(key)}` === asset && typeof value === 'string' ? [value] : [],
    ),
  );
}

/** A row among many may hold one reading and say of which signal. */
function rowOfMany(row: unknown): Shape | undefined {
  if (!isObject(row)) return undefined;
  const name = Object.keys(row).find((key) => signalNames.test(key) && typeof row[key] === 'string');
  const value = Object.keys(row).find((key) => valueNames.test(key) && typeof row[key] === 'number');
  if (name === undefined || value === undefined) return rowShape(row);
  const time = timeOf(row);
  const values = value === 'value' ? {} : { values: `$${step(value)}` };
  return { ...(time !== undefined && { time }), signal: `$${step(name)}`, ...values, signals: [String(row[name])] };
}

function rowShape(row: Row): Shape | undefined {
  const time = timeOf(row);
  const asset = Object.keys(row).find((key) => assetNames.test(key) && typeof row[key] === 'string');
  const common = { ...(time !== undefined && { time }), ...(asset !== undefined && { asset: `$${step(asset)}` }) };
  const own = numbersOf(row);
  if (own.length === 1 && own[0] === 'value') return { ...common, signals: 'in-topic' };
  for (const folder of valueFolders) {
    const inner = row[folder];
    if (isObject(inner) && numbersOf(inner).length > 0)
      // `values` is where the decoder looks by itself.
      return { ...common, ...(folder !== 'values' && { values: `$${step(folder)}` }), signals: numbersOf(inner) };
  }
  if (own.length > 0) return { ...common, signals: own };
  return scattered(row, common);
}

/** Numbers that stand deeper: one object of them by its path, several by a path each, named after what tells them apart. */
function scattered(row: Row, common: Partial<Shape>): Shape | undefined {
  const leaves = leavesOf(row, []);
  if (leaves.length === 0) return undefined;
  const folders = new Set(leaves.map((leaf) => pathOf(leaf.slice(0, -1))));
  const [folder] = folders;
  if (folders.size === 1 && folder !== undefined)
    return { ...common, values: folder, signals: leaves.map((leaf) => leaf.at(-1) ?? '') };
  let shared = 0;
  while (leaves.every((leaf) => leaf.length > shared + 1 && leaf[shared] === leaves[0]?.[shared])) shared++;
  const named = leaves.map(
    (leaf) =>
      [
        leaf
          .slice(shared)
          .join('_')
          .replace(/[^\w-]/g, '_'),
        pathOf(leaf),
      ] as const,
  );
  return { ...common, values: Object.fromEntries(named), signals: named.map(([name]) => name) };
}

function leavesOf(row: Row, at: readonly string[]): string[][] {
  return [
    ...numbersOf(row).map((key) => [...at, key]),
    ...Object.entries(row).flatMap(([key, value]) =>
      at.length + 1 < depth && isObject(value) ? leavesOf(value, [...at, key]) : [],
    ),
  ];
}

/** The time nearest to the top. */
function timeOf(row: Row): string | undefined {
  let level: { readonly at: readonly string[]; readonly row: Row }[] = [{ at: [], row }];
  for (let d = 0; d < depth && level.length > 0; d++) {
    for (const { at, row } of level) {
      const key = Object.keys(row).find((key) => timeNames.test(key) && !Number.isNaN(decodeTime(row[key], 'auto')));
      if (key !== undefined) return pathOf([...at, key]);
    }
    level = level.flatMap(({ at, row }) =>
      Object.entries(row).flatMap(([key, value]) => (isObject(value) ? [{ at: [...at, key], row: value }] : [])),
    );
  }
  return undefined;
}

function numbersOf(row: Row): string[] {
  return Object.keys(row).filter(
    (key) => typeof row[key] === 'number' && !timeNames.test(key) && !bookkeeping.test(key),
  );
}

function pathOf(steps: readonly string[]): string {
  return `$${steps.map(step).join('')}`;
}

function step(key: string): string {
  return /^[A-Za-z_][\w-]*$/.test(key) ? `.${key}` : `["${key}"]`;
}

function isObject(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
