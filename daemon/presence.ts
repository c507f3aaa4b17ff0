/** Which assets there are and which of them are heard: known over restarts, so that one that vanished while we were away is missed too. */
import type { Clock } from '../model/clock.js';
import type { Alarms } from './alarm/alarms.js';
import { gatewayAsset } from './alarm/asset.js';
import { resolveSettings } from './alarm/settings.js';
import { alarmTypes } from './alarm/state.js';
import type { Config } from './config.js';
import { Freshness } from './freshness.js';
import type { Line } from './line.js';
import type { Plant } from './plant.js';
import type { Publisher } from './publish.js';

export interface PresenceOptions {
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly publisher: Publisher;
  /** What was kept, by key. */
  readonly memos: ReadonlyMap<string, unknown>;
  readonly isConnected: () => boolean;
}

const memoPrefix = 'asset/';

export class Presence {
  private freshness: Freshness;
  private plant: Plant | undefined;
  private config: Config | undefined;
  private restoring = false;

  constructor(private readonly options: PresenceOptions) {
    this.freshness = this.newFreshness();
  }

  /** Assets that are silent. */
  get silent(): number {
    return this.freshness.silent;
  }

  /** All are. */
  get allSilent(): boolean {
    return this.freshness.all;
  }

  /** Takes a plant, the first one or another after a reload, and has it take up the assets that are known. */
  setPlant(plant: Plant, config: Config): void {
    const { isConnected, clock, publisher } = this.options;
    this.plant = plant;
    this.config = config;
    this.restoring = true;
    for (const [index, line] of plant.lines.entries())
      for (const asset of this.known(line)) plant.assets.slot(index, asset);
    this.restoring = false;
    this.freshness = this.newFreshness(this.isStale(gatewayAsset));
    if (isConnected()) this.freshness.connected(clock.now());
    for (const [index, line] of plant.lines.entries())
      for (const [slot, asset] of plant.assets.names(index).entries()) {
        const stale = this.isStale(asset);
        this.watch(index, slot, asset, line, stale);
        publisher.availability(asset, stale ? 'offline' : 'online');
      }
  }

  /** An asset that nobody knew has spoken; false while those that are known are taken up. */
  newAsset(bundle: number, slot: number, asset: string, line: Line): boolean {
    if (this.restoring) return false;
    const stale = this.isStale(asset);
    this.watch(bundle, slot, asset, line, stale);
    this.options.publisher.put([], { [memoKey(line, asset)]: true });
    if (!stale) this.options.publisher.availability(asset, 'online');
    return true;
  }

  /** Hot: an asset spoke; false when it was removed before. */
  seen(bundle: number, slot: number, nowMs: number): boolean {
    return this.freshness.seen(bundle, slot, nowMs);
  }

  connected(nowMs: number): void {
    this.freshness.connected(nowMs);
  }

  disconnected(): void {
    this.freshness.disconnected();
  }

  tick(nowMs: number): void {
    this.freshness.tick(nowMs);
  }

  /** Forgets an asset that is gone for good, with its alarms and all that is retained of it; or says why not. */
  remove(asset: string): string | undefined {
    const { alarms, publisher } = this.options;
    const places = (this.plant?.lines ?? []).flatMap((line, bundle) => {
      const slot = this.plant?.assets.find(bundle, asset);
      const silent = slot === undefined ? undefined : this.freshness.isSilent(bundle, slot);
      return slot === undefined || silent === undefined ? [] : [{ line, bundle, slot, silent }];
    });
    const known = places.length > 0 || alarms.standing(asset) !== undefined;
    if (!known) return `unknown asset ${JSON.stringify(asset)}`;
    if (places.some(({ silent }) => !silent))
      return `${asset} is heard, or was lately; it can be removed when it is offline`;
    for (const { line, bundle, slot } of places) {
      this.freshness.unwatch(bundle, slot);
      publisher.put([], { [memoKey(line, asset)]: undefined });
    }
    alarms.remove(asset);
    publisher.remove(asset, alarmTypes);
    return undefined;
  }

  private known(line: Line): string[] {
    const prefix = memoKey(line, '');
    return [...this.options.memos.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  }

  private isStale(asset: string): boolean {
    return this.options.alarms.isActive(asset, 'data-stale');
  }

  private newFreshness(all = false): Freshness {
    const { alarms, publisher, clock } = this.options;
    const onChange = (bundle: number, slot: number, sinceMs: number | null, usualMs: number | null, alone: boolean) => {
      const asset = this.plant?.assets.name(bundle, slot);
      if (asset === undefined) return;
      publisher.availability(asset, sinceMs === null ? 'online' : 'offline');
      if (alone) alarms.silent(bundle, slot, sinceMs, usualMs, clock.now());
    };
    const onAll = (sinceMs: number | null) => {
      const assets = new Set((this.plant?.lines ?? []).flatMap((_, i) => this.plant?.assets.names(i) ?? []));
      alarms.allSilent(sinceMs, assets.size, clock.now());
    };
    return new Freshness({ onChange, onAll }, all);
  }

  private watch(bundle: number, slot: number, asset: string, line: Line, silent: boolean): void {
    if (this.config === undefined) return;
    const { periodMs } = line.options.bundle.manifest;
    const { staleAfterMs } = resolveSettings(this.config.alarms, asset, line.options.config.name, periodMs);
    this.freshness.watch(bundle, slot, periodMs, staleAfterMs, silent);
  }
}

/** Asset names hold no `/`, so the key says which is which. */
function memoKey({ options: { config } }: Line, asset: string): string {
  return `${memoPrefix}${config.name}/${asset}`;
}
