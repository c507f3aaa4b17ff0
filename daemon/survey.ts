/** What `anomalyd doctor` hears while it listens: by input, by reason of rejection and by asset, decoded exactly as the daemon would. */
import type { Manifest } from '../model/manifest.js';
import { Assets } from './assets.js';
import type { Config } from './config.js';
import { Ingest, ingestCounters } from './ingest.js';
import { type Rejection, readingRejections } from './rejections.js';
import { matchTopic, parseTopicTemplate } from './topic.js';

/** An example for people: a topic and the start of a payload. */
export interface Example {
  readonly topic: string;
  readonly payload: string;
}

export interface HeardAsset {
  readonly name: string;
  readonly bundle: number;
  readonly signals: Set<number>;
  /** Event times and arrivals of rows. */
  rows: number;
  firstMs: number;
  lastMs: number;
  lastTimeMs: number;
  /** Largest arrival minus event time. */
  lagMs: number;
}

const exampleLength = 160;

export class Survey {
  readonly counters = ingestCounters();
  /** Messages by input; one may match several. */
  readonly byInput: number[];
  readonly assets = new Map<string, HeardAsset>();
  readonly examples = new Map<Rejection, Example>();
  readonly retained: number[];
  readonly #ingest: Ingest;
  readonly #match: readonly ((topic: string) => boolean)[];

  constructor(config: Config, bundles: readonly (Manifest | undefined)[]) {
    const limits = config.bundles.map(({ maxAssets }, i) => ({
      maxAssets,
      channels: bundles[i]?.channels.length ?? 0,
    }));
    const assets = new Assets(limits);
    this.byInput = config.inputs.map(() => 0);
    this.retained = config.inputs.map(() => 0);
    this.#match = config.inputs.map(({ topic }) => {
      const template = parseTopicTemplate(topic);
      return (name) => typeof template !== 'string' && matchTopic(template, name) !== undefined;
    });
    this.#ingest = new Ingest({
      config,
      bundles: config.bundles.map(({ name }, i) => ({ name, channels: bundles[i]?.channels ?? [] })),
      assets,
      counters: this.counters,
      sink: (bundle, slot, channel, timeMs, _value, nowMs) => {
        this.#heard(bundle, assets.name(bundle, slot), channel, timeMs, nowMs);
        return 'accepted';
      },
    });
  }

  message(topic: string, payload: Buffer, nowMs: number, retained: boolean): void {
    for (const [i, match] of this.#match.entries()) {
      if (!match(topic)) continue;
      this.byInput[i] = (this.byInput[i] ?? 0) + 1;
      if (retained) this.retained[i] = (this.retained[i] ?? 0) + 1;
    }
    const before = Float64Array.from(this.counters.rejected);
    this.#ingest.message(topic, payload, nowMs, retained);
    for (const [i, [reason]] of readingRejections.entries())
      if ((this.counters.rejected[i] ?? 0) > (before[i] ?? 0) && !this.examples.has(reason))
        this.examples.set(reason, { topic, payload: payload.toString('utf8', 0, exampleLength) });
  }

  #heard(bundle: number, name: string, channel: number, timeMs: number, nowMs: number): void {
    const key = `${bundle}/${name}`;
    let asset = this.assets.get(key);
    if (asset === undefined) {
      asset = {
        name,
        bundle,
        signals: new Set(),
        rows: 0,
        firstMs: nowMs,
        lastMs: nowMs,
        lastTimeMs: Number.NaN,
        lagMs: -Infinity,
      };
      this.assets.set(key, asset);
    }
    asset.signals.add(channel);
    if (timeMs !== asset.lastTimeMs) asset.rows++;
    asset.lastMs = nowMs;
    asset.lastTimeMs = timeMs;
    asset.lagMs = Math.max(asset.lagMs, nowMs - timeMs);
  }
}
