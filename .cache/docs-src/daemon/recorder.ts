/** Messages -> rows of a recording: whatever signals appear, under the names that the inputs give them. */
import type { Row } from '../model/recording.js';
import { Assets } from './assets.js';
import type { Config } from './config.js';
import { Ingest, type IngestCounters, ingestCounters } from './ingest.js';

const maxAssets = 100_000;

/** The readings of one row of a message become one row of the recording. Bundles need not be there yet: their names only keep inputs apart. */
export class Recorder {
  readonly counters: IngestCounters = ingestCounters();
  /** Signals in order of first sight. */
  readonly signals: string[] = [];
  rows = 0;
  readonly #assets: Assets;
  readonly #ingest: Ingest;
  #slot = -1;
  #timeMs = 0;
  #values: Record<string, number> = {};

  constructor(
    config: Pick<Config, 'inputs' | 'publish' | 'alignment'>,
    private readonly write: (row: Row) => void,
  ) {
    // All inputs fill one recording, so they share the assets of one bundle. The sink keeps the last seen of no signal.
    this.#assets = new Assets([{ channels: 0, maxAssets }]);
    const inputs = config.inputs.map((input) => ({ ...input, bundle: '' }));
    for (const { values } of inputs)
      if (typeof values === 'object') for (const name of Object.keys(values)) this.#learn(name);
    this.#ingest = new Ingest({
      config: { ...config, inputs },
      bundles: [{ name: '', channels: this.signals.map((name) => ({ name })) }],
      assets: this.#assets,
      counters: this.counters,
      learn: (_, name) => this.#learn(name),
      sink: (_, slot, channel, timeMs, value) => {
        const name = this.signals[channel] ?? '';
        if (slot !== this.#slot || timeMs !== this.#timeMs || Object.hasOwn(this.#values, name)) this.#flush();
        this.#slot = slot;
        this.#timeMs = timeMs;
        this.#values[name] = value;
        return 'accepted';
      },
    });
  }

  get assets(): readonly string[] {
    return this.#assets.names(0);
  }

  message(topic: string, payload: Buffer, nowMs: number, retained: boolean): void {
    this.#ingest.message(topic, payload, nowMs, retained);
    this.#flush();
  }

  #learn(name: string): number {
    const known = this.signals.indexOf(name);
    return known >= 0 ? known : this.signals.push(name) - 1;
  }

  #flush(): void {
    if (this.#slot < 0) return;
    this.rows++;
    this.write({ asset: this.#assets.name(0, this.#slot), timeMs: this.#timeMs, values: this.#values });
    this.#slot = -1;
    this.#values = {};
  }
}
