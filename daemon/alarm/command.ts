/** Commands to alarms: what they may ask for, which alarms they mean, and why they are refused. */
import type { AssetAlarms } from './asset.js';

import type { AlarmType, Phase } from './state.js';
import type { AlarmInput } from './transition.js';

/** An alarm by id; one of an asset by type; or all of an asset. */
export type AlarmTarget = { readonly id: string } | { readonly asset: string; readonly type?: AlarmType | undefined };

export type AlarmAction =
  | { readonly kind: 'ack' }
  | { readonly kind: 'shelve'; readonly untilMs: number }
  | { readonly kind: 'unshelve' }
  | { readonly kind: 'out-of-service' }
  | { readonly kind: 'in-service' };

export interface AlarmCommand {
  readonly target: AlarmTarget;
  readonly action: AlarmAction;
  readonly by: string | null;
  readonly comment: string | null;
}

export interface CommandedAlarm {
  readonly asset: string;
  readonly type: AlarmType;
  readonly id: string | null;
  readonly state: Phase;
}

export type CommandResult = { readonly data: readonly CommandedAlarm[] } | { readonly error: string };

type Targets = { readonly targets: readonly (readonly [AssetAlarms, AlarmType])[] } | { readonly error: string };

/** The alarms that a command means, or why it can't be carried out. Changes nothing. */
export function targets(
  { target, action }: AlarmCommand,
  assets: ReadonlyMap<string, AssetAlarms>,
  maxShelveMs: number,
  nowMs: number,
): Targets {
  if (action.kind === 'shelve') {
    if (action.untilMs <= nowMs) return { error: 'the shelving would be over already' };
    if (action.untilMs > nowMs + maxShelveMs)
      return { error: `at most ${maxShelveMs / 1000} s may be shelved (alarms.maxShelveS)` };
  }
  if ('id' in target) return byId(target.id, action, assets);
  const asset = assets.get(target.asset);
  if (asset === undefined) return { error: `unknown asset ${JSON.stringify(target.asset.slice(0, 128))}` };
  const types = target.type === undefined ? asset.types : [target.type];
  if (!types.every((type) => asset.types.includes(type))) return { error: `${asset.name} has no alarm ${target.type}` };
  if (action.kind !== 'ack') return { targets: types.map((type) => [asset, type]) };
  const open = types.filter((type) => asset.alarm(type).state.open);
  return open.length === 0
    ? { error: `${target.asset} has no open alarm` }
    : { targets: open.map((type) => [asset, type]) };
}

function byId(id: string, action: AlarmAction, assets: ReadonlyMap<string, AssetAlarms>): Targets {
  for (const asset of assets.values())
    for (const [type, { state }] of asset.alarms) {
      if (state.id !== id) continue;
      if (action.kind === 'ack' && !state.open && !state.acknowledged)
        return { error: 'the alarm has ended and needs no acknowledgement' };
      return { targets: [[asset, type]] };
    }
  return { error: `unknown alarm ${JSON.stringify(id.slice(0, 128))}` };
}

export function inputOf({ action, by, comment }: AlarmCommand, nowMs: number): AlarmInput {
  return { ...action, by, comment, nowMs };
}
