/** Who is silent when, by the rules of docs/alarm-rules.md: one asset alone, or the whole plant at once. */

export interface Silence {
  /** Slot; -1 = the gateway, nothing comes in from anyone. */
  readonly slot: number;
  readonly silent: boolean;
}

/** Times in ms of the gateway's clock. */
export class Silences {
  readonly #heard: number[];
  /** Who is told to be silent alone, and who only with all. */
  readonly #alone = new Set<number>();
  readonly #withAll = new Set<number>();
  #all = false;
  /** Since when all may be expected to be heard. */
  #since: number;
  #connected = true;

  constructor(
    private readonly assets: number,
    private readonly patienceMs: number,
    startMs: number,
  ) {
    this.#heard = Array(assets).fill(Number.NEGATIVE_INFINITY);
    this.#since = startMs;
  }

  /** Everyone has the full patience again; who has an alarm for it counts as silent until heard. */
  restart(nowMs: number, connected: boolean, hasAlarm: (slot: number) => boolean): void {
    this.#heard.fill(Number.NEGATIVE_INFINITY);
    this.#withAll.clear();
    this.#alone.clear();
    for (let slot = 0; slot < this.assets; slot++) if (hasAlarm(slot)) this.#alone.add(slot);
    this.#all = hasAlarm(-1);
    this.#since = nowMs;
    this.#connected = connected;
  }

  connected(nowMs: number): void {
    this.#connected = true;
    this.#since = nowMs;
  }

  disconnected(): void {
    this.#connected = false;
  }

  isSilent(slot: number): boolean {
    return slot < 0 ? this.#all : this.#alone.has(slot);
  }

  hear(slot: number, nowMs: number): Silence[] {
    const found: Silence[] = [];
    if (this.#all) {
      this.#all = false;
      this.#since = nowMs;
      found.push({ slot: -1, silent: false });
    }
    this.#heard[slot] = nowMs;
    this.#withAll.delete(slot);
    if (this.#alone.delete(slot)) found.push({ slot, silent: false });
    return found;
  }

  look(nowMs: number): Silence[] {
    const found: Silence[] = [];
    if (!this.#connected) return found;
    for (let slot = 0; slot < this.assets; slot++) {
      if (this.#alone.has(slot) || (this.#withAll.has(slot) && this.#all)) continue;
      if (nowMs - Math.max(this.#heard[slot] ?? 0, this.#since) < this.patienceMs) continue;
      if (!this.#all && this.#nobodyElse(slot, nowMs)) {
        this.#all = true;
        found.push({ slot: -1, silent: true });
      }
      if (this.#all) this.#withAll.add(slot);
      else {
        this.#withAll.delete(slot);
        this.#alone.add(slot);
        found.push({ slot, silent: true });
      }
    }
    return found;
  }

  /** Nobody else was heard in the later half of the patience, though many were to be expected. */
  #nobodyElse(slot: number, nowMs: number): boolean {
    const half = this.patienceMs / 2;
    if (nowMs - this.#since < half) return false;
    const others = [...this.#heard.keys()].filter(
      (other) => other !== slot && !this.#alone.has(other) && !this.#withAll.has(other),
    );
    return others.length > 1 && others.every((other) => nowMs - (this.#heard[other] ?? 0) >= half);
  }
}
