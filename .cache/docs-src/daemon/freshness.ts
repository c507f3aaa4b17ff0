/** Which assets have fallen silent although the broker is there: connected but silent. */

export interface FreshnessOptions {
  /** Called once when an asset falls silent (`sinceMs`: its last sign of life) and once when it speaks again (null). */
  readonly onChange: (bundle: number, slot: number, sinceMs: number | null, usualMs: number | null) => void;
}

interface Watched {
  /** Arrival clock; -Infinity = not yet since we started. */
  lastMs: number;
  /** Usual interval: a slow average, quick to grow. */
  usualMs: number;
  /** Signs of life counted, to know when the interval means something. */
  seen: number;
  silent: boolean;
  /** 0 = learn it. */
  staleAfterMs: number;
}

/** An asset is silent after this many of its usual intervals, */
const intervals = 10;
/** but not before this long. */
const leastMs = 60_000;
/** Signs of life before the interval is known. */
const learned = 5;
const slow = 0.02;
const quick = 0.3;

/**
 * Watches assets by bundle and slot. While we are not connected nobody can be heard, so nobody is silent; after a connection each asset has its full time
 * again. That audits the subscriptions too: a broker may grant one that its ACL forbids to read, so only messages prove them.
 */
export class Freshness {
  readonly #bundles: (Watched | undefined)[][] = [];
  #connectedMs: number | undefined;

  constructor(private readonly options: FreshnessOptions) {}

  /** Watches an asset from now on, also one that has not spoken yet. `periodMs`: its frame period, the interval until it is learned. */
  watch(bundle: number, slot: number, periodMs: number, staleAfterMs: number, silent = false): void {
    this.#bundles[bundle] ??= [];
    const slots = this.#bundles[bundle];
    if (slots !== undefined)
      slots[slot] = { lastMs: Number.NEGATIVE_INFINITY, usualMs: periodMs, seen: 0, silent, staleAfterMs };
  }

  /** Sets when a watched asset counts as silent; 0 = learn it. */
  limit(bundle: number, slot: number, staleAfterMs: number): void {
    const watched = this.#bundles[bundle]?.[slot];
    if (watched !== undefined) watched.staleAfterMs = staleAfterMs;
  }

  /** An asset spoke. Hot: no allocation. */
  seen(bundle: number, slot: number, nowMs: number): void {
    const watched = this.#bundles[bundle]?.[slot];
    if (watched === undefined) return;
    const gapMs = nowMs - watched.lastMs;
    if (watched.silent) {
      watched.silent = false;
      this.options.onChange(bundle, slot, null, null);
    } else if (watched.lastMs > 0 && gapMs > 0) {
      // Several messages of one instant are one sign of life; a gap through our own absence teaches nothing.
      const heard = this.#connectedMs !== undefined && watched.lastMs >= this.#connectedMs;
      if (heard) watched.usualMs += (gapMs > watched.usualMs ? quick : slow) * (gapMs - watched.usualMs);
      if (heard) watched.seen++;
    }
    watched.lastMs = nowMs;
  }

  connected(nowMs: number): void {
    this.#connectedMs = nowMs;
  }

  disconnected(): void {
    this.#connectedMs = undefined;
  }

  /** Looks for assets that have fallen silent; call it about once a second. */
  tick(nowMs: number): void {
    const connectedMs = this.#connectedMs;
    if (connectedMs === undefined) return;
    this.#bundles.forEach((slots, bundle) => {
      slots.forEach((watched, slot) => {
        if (watched === undefined || watched.silent) return;
        const sinceMs = Math.max(watched.lastMs, connectedMs);
        if (nowMs - sinceMs < patienceMs(watched)) return;
        watched.silent = true;
        const usualMs = watched.seen >= learned ? watched.usualMs : null;
        this.options.onChange(bundle, slot, watched.lastMs > 0 ? watched.lastMs : sinceMs, usualMs);
      });
    });
  }

  /** Assets that are silent. */
  get silent(): number {
    let count = 0;
    for (const slots of this.#bundles) for (const watched of slots) if (watched?.silent === true) count++;
    return count;
  }

  /** Time since any asset was heard while connected; undefined while not connected. Infinity where none was. */
  idleMs(nowMs: number): number | undefined {
    if (this.#connectedMs === undefined) return undefined;
    let last = Number.NEGATIVE_INFINITY;
    for (const slots of this.#bundles)
      for (const watched of slots) if (watched !== undefined && watched.lastMs > last) last = watched.lastMs;
    return nowMs - last;
  }
}

function patienceMs({ staleAfterMs, usualMs }: Watched): number {
  return staleAfterMs > 0 ? staleAfterMs : Math.max(leastMs, intervals * usualMs);
}
