/** Who else hears of alarms, in their own conventions and all off by default: Home Assistant, Alertmanager. */
import type { AlarmChange } from './alarm/alarms.js';
import type { PublishConfig } from './config.js';
import { Alertmanager, type Post } from './format/alertmanager.js';
import { Discovery, type DiscoveryOptions } from './format/discovery.js';
import type { Log } from './log.js';
import type { AlarmMessage } from './message/alarm.js';

export interface RelayOptions extends DiscoveryOptions {
  readonly log: Log;
  readonly post: Post;
}

export class Relays {
  alertmanager: Alertmanager | undefined;
  readonly #discovery: Discovery;
  #repeatS = 0;

  constructor(private readonly options: RelayOptions) {
    this.#discovery = new Discovery(options);
  }

  /** Takes the config, the first one or another after a reload. `open`: `Alarms.retained()`; `assets` are known already. */
  configure(
    { homeAssistant, alertmanager: { url, repeatS } }: PublishConfig,
    open: Iterable<AlarmMessage>,
    assets: Iterable<string>,
  ): void {
    this.#discovery.configure(homeAssistant.discovery ? homeAssistant.prefix : undefined, assets);
    if (url === this.alertmanager?.options.url && repeatS === this.#repeatS) return;
    const { gateway, post, log } = this.options;
    this.#repeatS = repeatS;
    this.alertmanager = url === undefined ? undefined : new Alertmanager({ url, gateway, post, repeatS, log });
    for (const message of open) this.alertmanager?.update(message);
  }

  alarm({ message }: AlarmChange): void {
    this.alertmanager?.update(message);
  }

  newAsset(asset: string): void {
    this.#discovery.add(asset);
  }

  removeAsset(asset: string, nowMs: number): void {
    this.#discovery.remove(asset);
    this.alertmanager?.end(asset, nowMs);
  }

  connected(): void {
    this.#discovery.again();
  }

  /** True for a message of Home Assistant. */
  message(topic: string, payload: Buffer): boolean {
    if (topic !== this.#discovery.statusTopic) return false;
    if (payload.toString() === 'online') this.#discovery.again();
    return true;
  }

  /** Once a second. */
  tick(nowMs: number): void {
    this.alertmanager?.tick(nowMs);
  }
}

const patienceMs = 10_000;

/** Posts JSON; the answer's body is of no interest. */
export async function postJson(url: string, body: string): Promise<number> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(patienceMs),
  });
  await answer.arrayBuffer();
  return answer.status;
}
