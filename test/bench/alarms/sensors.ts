/** Which signals are faulty, counted anew from the verdicts of each frame by the rules of docs/alarm-rules.md. */
import { modeCode } from '../../../model/frames.js';

const pass = 0;
const missing = 1;
const spike = 3;

interface Signal {
  /** Newest first. */
  readonly failed: boolean[];
  /** Numbers of the frames in which spikes began. */
  spikes: number[];
  spiking: boolean;
  loose: boolean;
  kind: number;
}

export interface SensorVerdict {
  readonly severity: number;
  /** A signal has joined those that the alarm names. */
  readonly joined: boolean;
}

export class Sensors {
  #frame = 0;
  #signals: Signal[];
  /** What the alarm names: signal -> kind of fault. */
  #named = new Map<number, number>();

  constructor(private readonly count: number) {
    this.#signals = this.#sound();
  }

  /** Rule S3: an open fault is remembered over a restart. */
  restart(open: boolean): void {
    this.#signals = this.#sound();
    if (!open) return;
    for (const [k, kind] of this.#named) {
      const signal = this.#signals[k] as Signal;
      signal.kind = kind;
      if (kind === spike) {
        signal.spikes = [this.#frame];
        signal.loose = true;
      } else signal.failed.push(...Array(30).fill(true));
    }
  }

  /** Severity after a frame; undefined for one that says nothing about sensors. */
  take(health: Uint8Array, mode: number): number | undefined {
    if (mode === modeCode['no-data']) return;
    if (health.every((verdict) => verdict === missing)) return this.severity;
    this.#frame++;
    this.#signals.forEach((signal, k) => {
      const verdict = health[k] ?? pass;
      if (verdict !== pass) signal.kind = verdict;
      signal.failed.unshift(verdict !== pass);
      signal.failed.length = Math.min(signal.failed.length, 30);
      if (verdict === spike && !signal.spiking) {
        signal.spikes = [...signal.spikes, this.#frame].filter((frame) => frame > this.#frame - 200);
        if (this.#recent(signal) >= 3) signal.loose = true;
      }
      signal.spiking = verdict === spike;
      if (signal.loose && this.#frame - (signal.spikes.at(-1) ?? 0) >= 200) signal.loose = false;
    });
    return this.severity;
  }

  get severity(): number {
    return Math.max(...this.#signals.map((signal) => this.#level(signal)));
  }

  /** Names what is faulty now, as the alarm does when it changes; true when a signal has joined. */
  name(): boolean {
    const now = new Map<number, number>();
    this.#signals.forEach((signal, k) => {
      if (this.#level(signal) >= 0.8) now.set(k, signal.kind);
    });
    const joined = [...now.keys()].some((k) => !this.#named.has(k));
    if (joined || now.size !== this.#named.size) this.#named = now;
    return joined;
  }

  /** The alarm told something of its own: it names what is faulty, with the kinds as they are now. */
  rename(): void {
    this.#named = new Map();
    this.name();
  }

  #level(signal: Signal): number {
    const failed = signal.failed.filter((one) => one).length / 10;
    return Math.max(failed, signal.loose ? 1 : this.#recent(signal) / 3);
  }

  #recent({ spikes }: Signal): number {
    return spikes.filter((frame) => frame > this.#frame - 100).length;
  }

  #sound(): Signal[] {
    return Array.from({ length: this.count }, () => ({
      failed: [],
      spikes: [],
      spiking: false,
      loose: false,
      kind: pass,
    }));
  }
}
