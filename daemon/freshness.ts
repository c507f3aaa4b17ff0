/** Who has fallen silent although the broker is there: single assets, or the whole plant at once. Connected but silent. */

export interface FreshnessOptions {
  /**
   * Called once when an asset falls silent (`sinceMs`: its last sign of life) and once when it speaks again (null).
   * `alone` is false where it is silent only as all are.
   */
  readonly onChange: (
    bundle: number,
    slot: number,
    sinceMs: number | null,
    usualMs: number | null,
    alone: boolean,
  ) => void;
  /** Called once when all fall silent (`sinceMs`: the last sign of life of any) and once when one speaks again (null). Without it each is silent alone. */
  readonly onAll?: (sinceMs: number | null) => void;
}

interface Watched {
  /** Arrival clock; -Infinity = not yet since we started. */
  lastMs: number;
  /** Usual interval: a slow average, quick to grow. */
  usualMs: number;
  /** Signs of life counted, to know when the interval means something. */
  seen: number;
  silence: 'none' | 'with-all' | 'alone';
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
/** So many signs of life of others must be missing before the silence of one is taken for that of all. */
const missedByAll = 5;

/**
 * Watches assets by bundle and slot. While we are not connected nobody can be heard, so nobody is silent; after a connection, and after a silence of all,
 * each has its full time again. A silence of one is that of all when nobody else was heard either during the later half of its patience, although at least
 * `missedByAll` messages were to be expected: then the network or the broker is to blame, and one alarm says so instead of one an asset.
 */
export class Freshness {
  readonly #bundles: (Watched | undefined)[][] = [];
  #connectedMs: number | undefined;
  /** Since when all may be expected to be heard. */
  #expectedMs = Number.NEGATIVE_INFINITY;
  #all: boolean;

  /** `all`: all were silent before, as the last one who watched knew. */
  constructor(
    private readonly options: FreshnessOptions,
    all = false,
  ) {
    this.#all = all;
  }

  /** Watches an asset from now on, also one that has not spoken yet. `periodMs`: its frame period, the interval until it is learned. */
  watch(bundle: number, slot: number, periodMs: number, staleAfterMs: number, silent = false): void {
    this.#bundles[bundle] ??= [];
    const slots = this.#bundles[bundle];
    const silence = silent ? 'alone' : 'none';
    if (slots !== undefined)
      slots[slot] = { lastMs: Number.NEGATIVE_INFINITY, usualMs: periodMs, seen: 0, silence, staleAfterMs };
  }

  /** No longer watches an asset. */
  unwatch(bundle: number, slot: number): void {
    const slots = this.#bundles[bundle];
    if (slots !== undefined) slots[slot] = undefined;
  }

  /** Sets when a watched asset counts as silent; 0 = learn it. */
  limit(bundle: number, slot: number, staleAfterMs: number): void {
    const watched = this.#bundles[bundle]?.[slot];
    if (watched !== undefined) watched.staleAfterMs = staleAfterMs;
  }

  /** An asset spoke; false when nobody watches it. Hot: no allocation. */
  seen(bundle: number, slot: number, nowMs: number): boolean {
    const watched = this.#bundles[bundle]?.[slot];
    if (watched === undefined) return false;
    if (this.#all) this.#allSpeak(nowMs);
    const gapMs = nowMs - watched.lastMs;
    if (watched.silence !== 'none') {
      const alone = watched.silence === 'alone';
      watched.silence = 'none';
      this.options.onChange(bundle, slot, null, null, alone);
    } else if (watched.lastMs > 0 && gapMs > 0) {
      // Several messages of one instant are one sign of life; a gap through our own absence teaches nothing.
      const heard = this.#connectedMs !== undefined && watched.lastMs >= this.#since(this.#connectedMs);
      if (heard) watched.usualMs += (gapMs > watched.usualMs ? quick : slow) * (gapMs - watched.usualMs);
      if (heard) watched.seen++;
    }
    watched.lastMs = nowMs;
    return true;
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
    const expectedMs = this.#since(connectedMs);
    this.#bundles.forEach((slots, bundle) => {
      slots.forEach((watched, slot) => {
        if (watched === undefined || watched.silence === 'alone') return;
        if (watched.silence === 'with-all' && this.#all) return;
        const sinceMs = Math.max(watched.lastMs, expectedMs);
        if (nowMs - sinceMs < patienceMs(watched)) return;
        if (!this.#all && this.#areAllSilent(watched, expectedMs, nowMs)) {
          this.#all = true;
          this.options.onAll?.(this.#lastMs() > 0 ? this.#lastMs() : connectedMs);
        }
        watched.silence = this.#all ? 'with-all' : 'alone';
        const usualMs = watched.seen >= learned ? watched.usualMs : null;
        this.options.onChange(bundle, slot, watched.lastMs > 0 ? watched.lastMs : sinceMs, usualMs, !this.#all);
      });
    });
  }

  /** Assets that are silent. */
  get silent(): number {
    let count = 0;
    for (const watched of this.#each()) if (watched.silence !== 'none') count++;
    return count;
  }

  /** All are silent. */
  get all(): boolean {
    return this.#all;
  }

  /** When one was last heard; -Infinity = not yet. */
  lastMs(bundle: number, slot: number): number {
    return this.#bundles[bundle]?.[slot]?.lastMs ?? Number.NEGATIVE_INFINITY;
  }

  /** Undefined for one that is not watched. */
  isSilent(bundle: number, slot: number): boolean | undefined {
    const watched = this.#bundles[bundle]?.[slot];
    return watched && watched.silence !== 'none';
  }

  *#each(): Generator<Watched> {
    for (const slots of this.#bundles) for (const watched of slots ?? []) if (watched !== undefined) yield watched;
  }

  #since(connectedMs: number): number {
    return Math.max(connectedMs, this.#expectedMs);
  }

  #lastMs(): number {
    let last = Number.NEGATIVE_INFINITY;
    for (const { lastMs } of this.#each()) last = Math.max(last, lastMs);
    return last;
  }

  #areAllSilent(one: Watched, expectedMs: number, nowMs: number): boolean {
    if (this.options.onAll === undefined) return false;
    const half = patienceMs(one) / 2;
    if (nowMs - expectedMs < half) return false;
    let missed = 0;
    for (const other of this.#each()) {
      if (other === one || other.silence !== 'none') continue;
      if (nowMs - other.lastMs < half) return false;
      missed += half / Math.max(other.usualMs, 1);
    }
    return missed >= missedByAll;
  }

  #allSpeak(nowMs: number): void {
    this.#all = false;
    this.#expectedMs = nowMs;
    this.options.onAll?.(null);
  }
}

function patienceMs({ staleAfterMs, usualMs }: Watched): number {
  return staleAfterMs > 0 ? staleAfterMs : Math.max(leastMs, intervals * usualMs);
}
