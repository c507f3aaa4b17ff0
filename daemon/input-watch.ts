/** Whether each input is heard and understood: an audit of the subscriptions, since a broker may grant one and deliver nothing. */
import { Freshness } from './freshness.js';
import type { Log } from './log.js';
import { RejectionNotice } from './rejection-notice.js';

export interface InputWatchOptions {
  readonly log: Log;
  /** What of their messages is left out: running totals by index in `readingRejections`. */
  readonly rejected: Float64Array;
  /** Asks for all subscriptions anew. */
  readonly resubscribe: () => void;
}

export interface InputView {
  /** As the config has it; inputs of one topic count as one. */
  readonly topic: string;
  readonly messages: number;
  /** By our clock; NaN = not yet. */
  readonly lastMs: number;
  readonly silent: boolean;
}

/**
 * An input that is silent for ten of its usual intervals, or a minute, though we are connected, is told in the log; once a connection all subscriptions
 * are asked for anew then, which heals a broker that has lost them.
 */
export class InputWatch {
  /** Times the subscriptions were asked for anew. */
  resubscriptions = 0;
  #topics: readonly string[] = [];
  /** By input of the config: index into `#topics`. */
  #entries: readonly number[] = [];
  #messages = new Float64Array(0);
  #freshness: Freshness;
  #connected = false;
  #asked = false;
  readonly #notice: RejectionNotice;

  constructor(private readonly options: InputWatchOptions) {
    this.#notice = new RejectionNotice(options.rejected, options.log);
    this.#freshness = this.#watch([]);
  }

  /** The inputs of a config, in its order. */
  setInputs(topics: readonly string[], nowMs: number): void {
    this.#notice.reset();
    const distinct = [...new Set(topics)];
    const same = distinct.length === this.#topics.length && distinct.every((topic, i) => topic === this.#topics[i]);
    this.#entries = topics.map((topic) => distinct.indexOf(topic));
    if (same) return;
    const before = new Map(this.#topics.map((topic, i) => [topic, this.#messages[i] ?? 0]));
    this.#topics = distinct;
    this.#messages = Float64Array.from(distinct, (topic) => before.get(topic) ?? 0);
    this.#freshness = this.#watch(distinct);
    if (this.#connected) this.#freshness.connected(nowMs);
  }

  /** Hot: a message of an input of the config. */
  heard(input: number, nowMs: number): void {
    const entry = this.#entries[input] ?? 0;
    this.#messages[entry] = (this.#messages[entry] ?? 0) + 1;
    this.#freshness.seen(0, entry, nowMs);
  }

  connected(nowMs: number): void {
    this.#connected = true;
    this.#asked = false;
    this.#freshness.connected(nowMs);
  }

  disconnected(): void {
    this.#connected = false;
    this.#freshness.disconnected();
  }

  tick(nowMs: number): void {
    this.#freshness.tick(nowMs);
    this.#notice.tick();
  }

  views(): InputView[] {
    return this.#topics.map((topic, i) => {
      const lastMs = this.#freshness.lastMs(0, i);
      return {
        topic,
        messages: this.#messages[i] ?? 0,
        lastMs: lastMs > 0 ? lastMs : Number.NaN,
        silent: this.#freshness.isSilent(0, i) === true,
      };
    });
  }

  #watch(topics: readonly string[]): Freshness {
    const freshness = new Freshness({ onChange: (_, entry, sinceMs) => this.#changed(entry, sinceMs) });
    for (const i of topics.keys()) freshness.watch(0, i, 0, 0);
    return freshness;
  }

  #changed(entry: number, sinceMs: number | null): void {
    const { log, resubscribe } = this.options;
    const input = this.#topics[entry];
    if (sinceMs === null) {
      log.info({ input }, 'the input is heard again');
      return;
    }
    const since = new Date(sinceMs).toISOString();
    const never = this.#messages[entry] === 0;
    const problem = never
      ? 'connected, but nothing has come in on this input yet; check its topic and who publishes there'
      : 'connected, but nothing comes in on this input any more';
    log.warn({ input, since }, this.#asked ? problem : `${problem}; asking the broker for the subscriptions anew`);
    if (this.#asked) return;
    this.#asked = true;
    this.resubscriptions++;
    resubscribe();
  }
}
