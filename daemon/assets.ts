/** The assets known so far, bundle by bundle: name <-> dense slot, and when each signal was last heard of. */

/** Why an asset has no slot. */
export const refusals = { badName: -1, tooMany: -2 } as const;

export interface AssetLimits {
  /** C, signals of the bundle. */
  readonly channels: number;
  readonly maxAssets: number;
}

const maxNameLength = 128;

/** `bridge` is taken by our own topics; the rest keeps a name one level of a topic. */
export function isAssetName(name: string): boolean {
  return name !== '' && name !== 'bridge' && name.length <= maxNameLength && !/[/+#\p{Cc}]/u.test(name);
}

interface BundleAssets {
  readonly limits: AssetLimits;
  readonly slots: Map<string, number>;
  readonly names: string[];
  /** [slots*C] milliseconds; NaN = never. Grows by doubling. */
  seenMs: Float64Array;
  /** An asset was refused for want of a slot. */
  full: boolean;
}

/** Slots count up from 0 in order of first sight and are never reused. Bundles go by their index in the config. */
export class Assets {
  readonly #bundles: BundleAssets[];

  constructor(
    bundles: readonly AssetLimits[],
    /** Told of each asset when it is taken up. */
    private readonly onNew: (bundle: number, slot: number, name: string) => void = () => {},
    /** Told once a bundle, of the first asset that there is no slot for. */
    private readonly onFull: (bundle: number, name: string) => void = () => {},
  ) {
    this.#bundles = bundles.map((limits) => ({
      limits,
      slots: new Map(),
      names: [],
      seenMs: new Float64Array(16 * limits.channels).fill(Number.NaN),
      full: false,
    }));
  }

  /** The asset's slot, taken up if it is new; `refusals.badName` or `refusals.tooMany` where it can't be. */
  slot(bundle: number, name: string): number {
    const assets = this.#at(bundle);
    const known = assets.slots.get(name);
    if (known !== undefined) return known;
    if (!isAssetName(name)) return refusals.badName;
    const slot = assets.names.length;
    if (slot >= assets.limits.maxAssets) {
      if (!assets.full) this.onFull(bundle, name);
      assets.full = true;
      return refusals.tooMany;
    }
    assets.slots.set(name, slot);
    assets.names.push(name);
    const needed = (slot + 1) * assets.limits.channels;
    if (needed > assets.seenMs.length) {
      const grown = new Float64Array(2 * needed).fill(Number.NaN);
      grown.set(assets.seenMs);
      assets.seenMs = grown;
    }
    this.onNew(bundle, slot, name);
    return slot;
  }

  /** The slot of a known asset. */
  find(bundle: number, name: string): number | undefined {
    return this.#at(bundle).slots.get(name);
  }

  /** Throws for a slot that was never given out: that is a bug. */
  name(bundle: number, slot: number): string {
    const name = this.#at(bundle).names[slot];
    if (name === undefined) throw new RangeError(`bundle ${bundle} has no slot ${slot}`);
    return name;
  }

  /** Names by slot. */
  names(bundle: number): readonly string[] {
    return this.#at(bundle).names;
  }

  count(bundle: number): number {
    return this.#at(bundle).names.length;
  }

  /** Notes that a signal was heard of. */
  saw(bundle: number, slot: number, channel: number, nowMs: number): void {
    const assets = this.#at(bundle);
    assets.seenMs[slot * assets.limits.channels + channel] = nowMs;
  }

  /** When the signal was last heard of, by our clock; NaN = never. */
  lastSeenMs(bundle: number, slot: number, channel: number): number {
    const assets = this.#at(bundle);
    return assets.seenMs[slot * assets.limits.channels + channel] ?? Number.NaN;
  }

  /** When any signal of the asset was last heard of; NaN = never. */
  assetLastSeenMs(bundle: number, slot: number): number {
    const { seenMs, limits } = this.#at(bundle);
    let newest = Number.NaN;
    for (let i = slot * limits.channels; i < (slot + 1) * limits.channels; i++) {
      const seen = seenMs[i] ?? Number.NaN;
      if (!(newest >= seen) && !Number.isNaN(seen)) newest = seen;
    }
    return newest;
  }

  #at(bundle: number): BundleAssets {
    const assets = this.#bundles[bundle];
    if (assets === undefined) throw new RangeError(`there is no bundle ${bundle}`);
    return assets;
  }
}
