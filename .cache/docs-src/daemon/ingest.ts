/** MQTT messages -> readings of assets. The hot path: what a topic means is worked out once and kept. */
import type { ReadingFate } from '../model/align.js';
import { type Assets, refusals } from './assets.js';
import type { Config } from './config.js';
import { type Arrival, Decoder, type RowSink } from './decode.js';
import { readingRejections, rejectionIndex } from './rejections.js';
import { leastFilters, matchTopic, parseTopicTemplate, type Qos, type TopicTemplate } from './topic.js';

/** What becomes of a reading is for its taker (`model/align`) to say. `value` NaN = known to be missing. */
export type ReadingSink = (
  bundle: number,
  slot: number,
  channel: number,
  timeMs: number,
  value: number,
  nowMs: number,
) => ReadingFate;

/** Running totals; read by whoever shows them. */
export interface IngestCounters {
  messages: number;
  bytes: number;
  /** Messages whose topic no input asks for. */
  unmatched: number;
  /** Readings accepted. */
  readings: number;
  /** Readings that gave way to a newer one within the same frame. */
  surplus: number;
  /** By index in `readingRejections`. */
  readonly rejected: Float64Array;
}

export function ingestCounters(): IngestCounters {
  const rejected = new Float64Array(readingRejections.length);
  return { messages: 0, bytes: 0, unmatched: 0, readings: 0, surplus: 0, rejected };
}

export interface IngestBundle {
  readonly name: string;
  /** The manifest's channels, in order. */
  readonly channels: readonly { readonly name: string }[];
}

type IngestConfig = Pick<Config, 'inputs'> & {
  readonly publish: Pick<Config['publish'], 'base'>;
  readonly alignment: Pick<Config['alignment'], 'maxFutureMs'>;
};

export interface IngestOptions {
  readonly config: IngestConfig;
  /** In the config's order: readings name bundles by their index here. */
  readonly bundles: readonly IngestBundle[];
  readonly assets: Assets;
  readonly counters: IngestCounters;
  readonly sink: ReadingSink;
  /** Gives a channel to a signal that the bundle does not have; without it such signals are left out. */
  readonly learn?: (bundle: number, signal: string) => number;
}

/** One input, compiled. */
interface Input {
  readonly template: TopicTemplate;
  readonly bundle: number;
  readonly decoder: Decoder;
  /** Asset name with `{placeholders}`; undefined where each row names its asset. */
  readonly asset: string | undefined;
}

/** What one topic means to one input. */
interface Target {
  readonly bundle: number;
  readonly decoder: Decoder;
  readonly asset: string | undefined;
  readonly channel: number | undefined;
  /** The asset's slot; negative until its first good row. */
  slot: number;
}

/** Topics are the sender's to invent: their memory is bounded, and forgotten as a whole when it is full. */
const maxTopics = 200_000;

/** Which filters to subscribe for these inputs. */
export function subscriptions(inputs: readonly { readonly topic: string; readonly qos: Qos }[]): Map<string, Qos> {
  return leastFilters(inputs.map(({ topic, qos }) => ({ filter: template(topic).filter, qos })));
}

export class Ingest implements RowSink {
  readonly #inputs: readonly Input[];
  readonly #targets = new Map<string, readonly Target[]>();
  readonly #assets: Assets;
  readonly #counters: IngestCounters;
  readonly #sink: ReadingSink;
  readonly #maxFutureMs: number;
  readonly #ownTopics: string;

  // The message and the row under way.
  #target: Target | undefined;
  #bundle = 0;
  #slot = 0;
  #timeMs = 0;
  #nowMs = 0;

  constructor({ config, bundles, assets, counters, sink, learn }: IngestOptions) {
    this.#assets = assets;
    this.#counters = counters;
    this.#sink = sink;
    this.#maxFutureMs = config.alignment.maxFutureMs;
    this.#ownTopics = config.publish.base;
    this.#inputs = config.inputs.map((input) => {
      const bundle = bundles.findIndex(({ name }) => name === input.bundle);
      const channels = bundles[bundle]?.channels.map(({ name }) => name);
      if (channels === undefined) throw new RangeError(`there is no bundle ${input.bundle}`);
      const asset = input.asset ?? '{asset}';
      return {
        template: template(input.topic),
        bundle,
        decoder: new Decoder(input, channels, learn && ((signal) => learn(bundle, signal))),
        asset: asset.startsWith('$') ? undefined : asset,
      };
    });
  }

  /** Never throws for anything a sender can do. `nowMs` is the time of arrival. */
  message(topic: string, payload: Buffer, nowMs: number, retained = false): void {
    const counters = this.#counters;
    counters.messages++;
    counters.bytes += payload.length;
    this.#nowMs = nowMs;
    const targets = this.#targets.get(topic) ?? this.#resolve(topic);
    if (targets.length === 0) counters.unmatched++;
    for (let i = 0; i < targets.length; i++) {
      const target = targets[i];
      if (target === undefined) continue;
      this.#target = target;
      const arrival: Arrival = { channel: target.channel, retained, nowMs };
      target.decoder.decode(payload, arrival, this);
    }
  }

  row(asset: string | undefined, timeMs: number): boolean {
    const target = this.#target;
    if (target === undefined) return false;
    if (timeMs > this.#nowMs + this.#maxFutureMs) {
      this.reject(rejectionIndex.future);
      return false;
    }
    let slot = target.slot;
    if (asset !== undefined) {
      slot = this.#assets.slot(target.bundle, asset);
    } else if (slot < 0) {
      slot = this.#assets.slot(target.bundle, target.asset ?? '');
      target.slot = slot;
    }
    if (slot < 0) {
      this.reject(slot === refusals.tooMany ? rejectionIndex['too-many-assets'] : rejectionIndex['asset-name']);
      return false;
    }
    this.#bundle = target.bundle;
    this.#slot = slot;
    this.#timeMs = timeMs;
    return true;
  }

  reading(channel: number, value: number): void {
    const counters = this.#counters;
    this.#assets.saw(this.#bundle, this.#slot, channel, this.#nowMs);
    const fate = this.#sink(this.#bundle, this.#slot, channel, this.#timeMs, value, this.#nowMs);
    if (fate === 'accepted') counters.readings++;
    else if (fate === 'surplus') counters.surplus++;
    else this.reject(rejectionIndex[fate]);
  }

  reject(reason: number): void {
    const { rejected } = this.#counters;
    rejected[reason] = (rejected[reason] ?? 0) + 1;
  }

  /** Every input that matches takes the message, in the config's order: one message may speak of several assets. */
  #resolve(topic: string): readonly Target[] {
    const own = topic === this.#ownTopics || topic.startsWith(`${this.#ownTopics}/`);
    const targets = own
      ? []
      : this.#inputs.flatMap(({ template, bundle, decoder, asset }): Target[] => {
          const found = matchTopic(template, topic);
          if (found === undefined) return [];
          const text = (name: string) => found[template.names.indexOf(name)] ?? '';
          const name = asset?.replace(/\{([^}]*)\}/g, (_, placeholder: string) => text(placeholder));
          const channel = template.names.includes('signal') ? decoder.channel(text('signal')) : undefined;
          return [{ bundle, decoder, asset: name, channel, slot: refusals.badName }];
        });
    if (this.#targets.size >= maxTopics) this.#targets.clear();
    this.#targets.set(topic, targets);
    return targets;
  }
}

/** The schema has refused templates that do not parse. */
function template(topic: string): TopicTemplate {
  const parsed = parseTopicTemplate(topic);
  if (typeof parsed === 'string') throw new TypeError(`${topic}: ${parsed}`);
  return parsed;
}
