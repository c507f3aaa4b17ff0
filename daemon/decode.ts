/** Payload -> rows -> readings, by paths that were compiled once for each input. Bad values are counted by reason; they take nothing else with them. */
import type { InputConfig } from './config-input.js';
import { WaveformDecoder } from './decode-waveform.js';
import { follow, type JsonPath, parseJsonPath } from './json-path.js';
import { JsonReader, type JsonShape } from './json-shape.js';
import { looksPlain, parseJson, plainValue } from './payload-value.js';
import { type Rejection, rejectionIndex } from './rejections.js';
import { planRows, type RowPlan, type Source } from './row-plan.js';
import { decodeTime } from './time.js';

export const maxPayloadBytes = 1024 * 1024;

/** Who takes what a decoder finds. Calls come in order: `row`, then the row's readings. */
export interface RowSink {
  /** A row begins. `asset` is undefined where the topic names it. Returns false to skip its readings. */
  row(asset: string | undefined, timeMs: number): boolean;
  /** A finite number, or NaN for a value known to be missing (counted as `null` before). */
  reading(channel: number, value: number): void;
  reject(reason: number): void;
}

/** What the topic and the packet say about a message. */
export interface Arrival {
  /** Channel that the topic's `{signal}` names; -1 = unknown to the bundle. Undefined where the topic names none. */
  readonly channel?: number | undefined;
  readonly retained: boolean;
  /** NaN = nobody knows: then rows need a time of their own. */
  readonly nowMs: number;
}

type Row = Record<string | number, unknown>;

const maxFloat32 = 3.4028234663852886e38;

/** One input's compiled way from payload to readings. */
export class Decoder {
  /** Signal names as messages spell them -> channel. */
  readonly #channels = new Map<string, number>();
  readonly #sources: Source[];
  readonly #valuesPath: JsonPath | undefined;
  readonly #rowsPath: JsonPath | undefined;
  readonly #timePath: JsonPath | undefined;
  readonly #timeKey: string | number | undefined;
  readonly #signalPath: JsonPath | undefined;
  readonly #assetPath: JsonPath | undefined;
  readonly #waveform: WaveformDecoder | undefined;
  readonly #json: JsonReader<RowPlan>;

  /** `channels` are the bundle's signal names in order; with `learn` further signals are added as they appear. */
  constructor(
    private readonly input: InputConfig,
    channels: readonly string[],
    private readonly learn?: (name: string) => number,
  ) {
    const { values, signals } = input;
    // A signal that a message spells otherwise is not looked for under its own name as well.
    const renamed = new Set([...Object.keys(signals), ...Object.values(signals)]);
    channels.forEach((name, i) => {
      if (!renamed.has(name)) this.#channels.set(name, i);
    });
    for (const [from, to] of Object.entries(signals)) {
      const channel = channels.indexOf(to);
      if (channel >= 0) this.#channels.set(from, channel);
    }
    this.#sources =
      typeof values === 'object'
        ? Object.entries(values).flatMap(([name, value]) => {
            const { path, scale, offset } = typeof value === 'string' ? { path: value, scale: 1, offset: 0 } : value;
            const channel = channels.indexOf(name);
            return channel < 0 ? [] : [source(channel, compile(path) ?? [], scale, offset)];
          })
        : [...this.#channels].map(([key, channel]) => source(channel, [key], 1, 0));
    this.#valuesPath = typeof values === 'string' ? compile(values) : undefined;
    this.#rowsPath = compile(input.rows);
    this.#timePath = compile(input.time);
    this.#timeKey = this.#timePath?.length === 1 ? this.#timePath[0] : undefined;
    this.#signalPath = compile(input.signal);
    this.#assetPath = input.asset?.startsWith('$') ? compile(input.asset) : undefined;
    this.#waveform = input.waveform && new WaveformDecoder(input.waveform);
    this.#json = new JsonReader(parseJson, (shape) => this.#planOf(shape));
  }

  /** Only rows of several signals are planned; signals that are learned come later than shapes. */
  #planOf(shape: JsonShape<RowPlan>): RowPlan | undefined {
    if (this.#waveform !== undefined || this.#signalPath !== undefined || this.learn !== undefined) return undefined;
    return planRows(shape, {
      rowsPath: this.#rowsPath,
      timePath: this.#timePath,
      assetPath: this.#assetPath,
      signalsOf: (row) => this.#signalsOf(row),
      sources: this.#sources,
    });
  }

  /** The channel a name in a message or topic stands for; -1 = none. */
  channel(name: string): number {
    const known = this.#channels.get(name);
    if (known !== undefined || this.learn === undefined) return known ?? -1;
    const channel = this.learn(this.input.signals[name] ?? name);
    this.#channels.set(name, channel);
    return channel;
  }

  /** Takes up what looks like a signal; the time's and the asset's own fields are none. */
  #learnFrom(from: Row, isWholeRow: boolean): void {
    const own = isWholeRow ? [this.#timePath?.[0], this.#assetPath?.[0]] : [];
    for (const [key, value] of Object.entries(from)) {
      if (this.#channels.has(key) || own.includes(key)) continue;
      if (typeof value !== 'number' && typeof value !== 'boolean') continue;
      this.#sources.push(source(this.channel(key), [key], 1, 0));
    }
  }

  /** Hands every row and reading of `payload` to `sink`; never throws. */
  decode(payload: Buffer, arrival: Arrival, sink: RowSink): void {
    count(sink, this.#message(payload, arrival, sink));
  }

  // The methods below return why what they were given is left out as a whole.

  #message(payload: Buffer, arrival: Arrival, sink: RowSink): Rejection | undefined {
    if (payload.length > maxPayloadBytes) return 'too-large';
    if (payload.length === 0) return 'empty';
    if (arrival.retained && this.#timePath === undefined) return 'retained';
    const isPlain = this.input.format !== 'json' && looksPlain(payload);
    const shape = isPlain ? undefined : this.#json.find(payload);
    if (shape?.plan !== undefined && arrival.channel === undefined) {
      this.#rows(shape, shape.plan, arrival.nowMs, sink);
      return undefined;
    }
    const root = shape?.value() ?? (isPlain ? plainValue(payload.toString()) : this.#json.readAnew(payload));
    if (root === undefined) return 'not-json';
    const rows = this.#rowsPath === undefined ? root : follow(root, this.#rowsPath);
    if (!Array.isArray(rows) || (this.#rowsPath === undefined && !isRow(rows[0])))
      return this.#row(rows, root, arrival, sink);
    for (const row of rows) count(sink, this.#row(row, root, arrival, sink));
    return undefined;
  }

  /** What `#row` would make of each row of the message, straight from its numbers. */
  #rows(shape: JsonShape<RowPlan>, plan: RowPlan, nowMs: number, sink: RowSink): void {
    const { numbers } = shape;
    for (let r = 0; r < plan.length; r++) {
      const { time, asset, readings } = plan[r] as RowPlan[number];
      const timeMs = time < 0 ? nowMs : decodeTime(shape.leaf(time), this.input.timeUnit);
      if (Number.isNaN(timeMs)) {
        count(sink, 'bad-time');
        continue;
      }
      if (!sink.row(asset < 0 ? undefined : String(shape.leaf(asset)), timeMs)) continue;
      for (let i = 0; i < readings.length; i++) {
        const { leaf, channel, scale, offset } = readings[i] as (typeof readings)[number];
        emitNumber(sink, channel, (numbers[leaf] as number) * scale + offset);
      }
    }
  }

  #row(row: unknown, root: unknown, arrival: Arrival, sink: RowSink): Rejection | undefined {
    let timeMs = arrival.nowMs;
    if (this.#timePath !== undefined) {
      let raw = this.#timeKey !== undefined && isRow(row) ? row[this.#timeKey] : follow(row, this.#timePath);
      if (raw === undefined && row !== root) raw = follow(root, this.#timePath);
      if (raw !== undefined && raw !== null) timeMs = decodeTime(raw, this.input.timeUnit);
      else if (this.input.missingTime === 'reject') return 'no-time';
      else if (arrival.retained) return 'retained';
    }
    if (Number.isNaN(timeMs)) return 'bad-time';
    let asset: string | undefined;
    if (this.#assetPath !== undefined) {
      const raw = follow(row, this.#assetPath) ?? follow(root, this.#assetPath);
      if (typeof raw !== 'string' && typeof raw !== 'number') return 'no-asset';
      asset = String(raw);
    }
    if (this.#waveform !== undefined) return this.#burst(this.#waveform, row, root, timeMs, asset, sink);
    return arrival.channel !== undefined || this.#signalPath !== undefined
      ? this.#oneValue(row, timeMs, asset, arrival, sink)
      : this.#manyValues(row, timeMs, asset, sink);
  }

  /** Topic or row names the signal. */
  #oneValue(
    row: unknown,
    timeMs: number,
    asset: string | undefined,
    arrival: Arrival,
    sink: RowSink,
  ): Rejection | undefined {
    let channel = arrival.channel ?? -1;
    if (this.#signalPath !== undefined) {
      const name = follow(row, this.#signalPath);
      channel = typeof name === 'string' || typeof name === 'number' ? this.channel(String(name)) : -1;
    }
    if (channel < 0) return 'unknown-signal';
    const value = this.#valuesPath !== undefined ? follow(row, this.#valuesPath) : isRow(row) ? row.value : row;
    if (value === undefined) return 'no-values';
    if (sink.row(asset, timeMs)) emit(sink, channel, value, 1, 0);
    return undefined;
  }

  /** The row holds a burst, and perhaps single readings beside it. */
  #burst(
    waveform: WaveformDecoder,
    row: unknown,
    root: unknown,
    timeMs: number,
    asset: string | undefined,
    sink: RowSink,
  ): Rejection | undefined {
    const values = waveform.read(row, root);
    if (typeof values === 'string') count(sink, values);
    else {
      // A row that is refused is refused as a whole, and once.
      if (!sink.row(asset, timeMs)) return undefined;
      waveform.names.forEach((name, i) => {
        const channel = this.channel(name);
        if (channel >= 0) emit(sink, channel, values[i], 1, 0);
      });
    }
    const beside = this.#manyValues(row, timeMs, asset, sink);
    return beside === 'no-values' ? undefined : beside;
  }

  /** The row holds several signals by name or path. */
  #manyValues(row: unknown, timeMs: number, asset: string | undefined, sink: RowSink): Rejection | undefined {
    const from = this.#signalsOf(row);
    if (!isRow(from)) return 'no-values';
    if (this.learn !== undefined && typeof this.input.values !== 'object') this.#learnFrom(from, from === row);
    let begun = false;
    for (let i = 0; i < this.#sources.length; i++) {
      const source = this.#sources[i];
      if (source === undefined) continue;
      const value = source.key !== undefined ? from[source.key] : follow(from, source.path);
      // An inherited method, for a signal that is called `constructor`.
      if (value === undefined || typeof value === 'function') continue;
      if (!begun && !sink.row(asset, timeMs)) return undefined;
      begun = true;
      emit(sink, source.channel, value, source.scale, source.offset);
    }
    return begun ? undefined : 'no-values';
  }

  /** Where in a row its signals stand. */
  #signalsOf(row: unknown): unknown {
    if (this.#valuesPath !== undefined) return follow(row, this.#valuesPath);
    return typeof this.input.values !== 'object' && isRow(row) && isRow(row.values) ? row.values : row;
  }
}

function source(channel: number, path: JsonPath, scale: number, offset: number): Source {
  return { channel, path, key: path.length === 1 ? path[0] : undefined, scale, offset };
}

/** The schema has refused paths that do not parse. */
function compile(path: string | undefined): JsonPath | undefined {
  if (path === undefined) return undefined;
  const parsed = parseJsonPath(path);
  return typeof parsed === 'string' ? undefined : parsed;
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}

function count(sink: RowSink, reason: Rejection | undefined): void {
  if (reason !== undefined) sink.reject(rejectionIndex[reason]);
}

function emit(sink: RowSink, channel: number, raw: unknown, scale: number, offset: number): void {
  const number = typeof raw === 'boolean' ? Number(raw) : raw === null ? Number.NaN : raw;
  if (typeof number !== 'number') {
    count(sink, 'not-a-number');
    return;
  }
  emitNumber(sink, channel, number * scale + offset);
}

function emitNumber(sink: RowSink, channel: number, value: number): void {
  if (Math.abs(value) > maxFloat32) {
    count(sink, 'infinite');
    return;
  }
  if (Number.isNaN(value)) count(sink, 'null');
  sink.reading(channel, value);
}
