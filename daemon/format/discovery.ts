/** Keeps Home Assistant's discovery: which assets are announced, over restarts and changes of the config. */
import { gatewayAsset } from '../alarm/asset.js';
import type { OutMessage } from '../outbox.js';
import type { Topics } from '../publish-topics.js';
import { discoveryOf, undiscover } from './home-assistant.js';

export interface DiscoveryOptions {
  readonly topics: Topics;
  readonly gateway: string;
  readonly version: string;
  /** What was kept, by key. */
  readonly memos: ReadonlyMap<string, unknown>;
  readonly put: (messages: readonly OutMessage[], memos: Readonly<Record<string, unknown>>) => void;
}

/** Memo of an announced asset: the prefix that it is announced under. */
const memoPrefix = 'discovery/';

export class Discovery {
  /** Prefix by announced asset. */
  readonly #announced = new Map<string, string>();
  #prefix: string | undefined;

  constructor(private readonly options: DiscoveryOptions) {
    for (const [key, prefix] of options.memos)
      if (key.startsWith(memoPrefix) && typeof prefix === 'string')
        this.#announced.set(key.slice(memoPrefix.length), prefix);
  }

  /** `prefix` undefined = off. What is announced under another prefix is taken back. */
  configure(prefix: string | undefined, assets: Iterable<string>): void {
    this.#prefix = prefix;
    for (const [asset, before] of [...this.#announced]) if (before !== prefix) this.remove(asset);
    if (prefix !== undefined) for (const asset of [gatewayAsset, ...assets]) this.add(asset);
  }

  /** Announces an asset, once. */
  add(asset: string): void {
    const prefix = this.#prefix;
    if (prefix === undefined || this.#announced.has(asset)) return;
    this.#announced.set(asset, prefix);
    this.options.put(this.#messages(asset, prefix), { [memoPrefix + asset]: prefix });
  }

  /** Takes an asset back. */
  remove(asset: string): void {
    const prefix = this.#announced.get(asset);
    if (prefix === undefined) return;
    this.#announced.delete(asset);
    this.options.put(undiscover(this.#messages(asset, prefix)), { [memoPrefix + asset]: undefined });
  }

  /** Announces all anew: after a connection, and when Home Assistant comes up. */
  again(): void {
    for (const [asset, prefix] of this.#announced) this.options.put(this.#messages(asset, prefix), {});
  }

  /** Where Home Assistant says `online` when it comes up; undefined while discovery is off. */
  get statusTopic(): string | undefined {
    return this.#prefix === undefined ? undefined : `${this.#prefix}/status`;
  }

  #messages(asset: string, prefix: string): OutMessage[] {
    const { gateway, version, topics } = this.options;
    return discoveryOf(asset, gateway, prefix, version, topics);
  }
}
