/** What a config makes of the machines: inputs, assets and lines. A reload makes a new one that takes over the lines that stay the same. */
import { type Bundle, loadBundle } from '../model/bundle.js';
import type { Clock } from '../model/clock.js';
import { Assets } from './assets.js';
import type { Config } from './config.js';
import type { Engine } from './engine.js';
import { Ingest, type IngestCounters } from './ingest.js';
import { Line, type LineOptions } from './line.js';
import { patienceFor } from './patience.js';

export interface PlantOptions {
  readonly config: Config;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly counters: IngestCounters;
  readonly onResults: LineOptions['onResults'];
  readonly onNewAsset: (bundle: number, slot: number, name: string, line: Line) => void;
  /** An asset is left out, as its bundle has taken up as many as it may; told once a bundle. */
  readonly onFull: (name: string, line: Line) => void;
  /** Hot: an input of the config got a message. */
  readonly onInput: (input: number, nowMs: number) => void;
  /** Hot: an asset spoke; once a message and asset. */
  readonly onSeen: (bundle: number, slot: number, nowMs: number) => void;
}

export class Plant {
  /** How long the broker may go unread. */
  readonly patienceMs: number;
  private readonly ingest: Ingest;
  private arrivalMs = 0;
  /** Who spoke last, and when. */
  private spoke = { bundle: -1, slot: -1, nowMs: 0 };

  private constructor(
    private readonly options: PlantOptions,
    /** In the order of the config's bundles. */
    readonly lines: readonly Line[],
    readonly assets: Assets,
  ) {
    const { config, counters, onInput } = options;
    const periodsMs = lines.map(({ options: { bundle } }) => bundle.manifest.periodMs);
    this.patienceMs = patienceFor(config.inputs, periodsMs);
    this.ingest = new Ingest({
      config,
      bundles: lines.map(({ options: { config, bundle } }) => ({
        name: config.name,
        channels: bundle.manifest.channels,
      })),
      assets,
      counters,
      onInput,
      sink: (bundle, slot, channel, timeMs, value, nowMs) => {
        this.noteSeen(bundle, slot, nowMs);
        return (lines[bundle] as Line).add(slot, channel, timeMs, value, nowMs, this.arrivalMs);
      },
    });
  }

  /**
   * Opens what is new and keeps what `before` has open and this config leaves alone, with its assets and their memory.
   * Nothing of `before` is closed or changed.
   * @throws UserError for a bundle that does not hold; what was opened for it is closed again
   */
  static async open(options: PlantOptions, before?: Plant): Promise<Plant> {
    const { config } = options;
    const bundles = await Promise.all(config.bundles.map(({ path }) => loadBundle(path)));
    const kept = bundles.map((bundle, i) =>
      before?.lines.find((line) => {
        const entry = config.bundles[i];
        return entry !== undefined && line.serves(entry, config.alignment, bundle);
      }),
    );
    const fresh: Line[] = [];
    try {
      const lines: Line[] = [];
      for (const [i, entry] of config.bundles.entries()) {
        const line = kept[i] ?? (await openLine(options, entry, bundles[i] as Bundle));
        if (kept[i] === undefined) fresh.push(line);
        lines.push(line);
      }
      const assets = takeOver(lines, options, before);
      return new Plant(options, lines, assets);
    } catch (error) {
      for (const line of fresh) line.close();
      throw error;
    }
  }

  /** Hot: one message from the broker. */
  message(topic: string, payload: Buffer, retained: boolean): void {
    const { clock } = this.options;
    this.arrivalMs = clock.monotonic();
    this.ingest.message(topic, payload, clock.now(), retained);
  }

  tick(nowMs: number): void {
    const arrivalMs = this.options.clock.monotonic();
    for (const line of this.lines) line.tick(nowMs, arrivalMs);
  }

  flush(): void {
    const arrivalMs = this.options.clock.monotonic();
    for (const line of this.lines) line.flush(arrivalMs);
  }

  private noteSeen(bundle: number, slot: number, nowMs: number): void {
    const { spoke } = this;
    if (spoke.slot === slot && spoke.nowMs === nowMs && spoke.bundle === bundle) return;
    spoke.bundle = bundle;
    spoke.slot = slot;
    spoke.nowMs = nowMs;
    this.options.onSeen(bundle, slot, nowMs);
  }

  /** Closes the lines that `after` has not taken over. */
  close(after?: Plant): void {
    for (const line of this.lines) if (after === undefined || !after.lines.includes(line)) line.close();
  }
}

function openLine(options: PlantOptions, config: Config['bundles'][number], bundle: Bundle): Promise<Line> {
  const { engine, clock, onResults } = options;
  return Line.open({ config, alignment: options.config.alignment, bundle, engine, clock, onResults });
}

/** The assets of lines that stay keep their slots, as aligner and worker know them. */
function takeOver(lines: readonly Line[], { onNewAsset, onFull }: PlantOptions, before: Plant | undefined): Assets {
  let known = false;
  const assets = new Assets(
    lines.map(({ options: { bundle, config } }) => ({
      channels: bundle.manifest.channels.length,
      maxAssets: config.maxAssets,
    })),
    (bundle, slot, name) => {
      if (known) onNewAsset(bundle, slot, name, lines[bundle] as Line);
    },
    (bundle, name) => onFull(name, lines[bundle] as Line),
  );
  for (const [to, line] of lines.entries()) {
    const from = before?.lines.indexOf(line) ?? -1;
    if (before === undefined || from < 0) continue;
    for (const name of before.assets.names(from)) {
      const slot = assets.slot(to, name);
      for (let c = 0; c < line.options.bundle.manifest.channels.length; c++)
        assets.saw(to, slot, c, before.assets.lastSeenMs(from, slot, c));
    }
  }
  known = true;
  return assets;
}
