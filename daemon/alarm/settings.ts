/** Alarm settings of one asset: the config with its overrides, in milliseconds. */
import type { AlarmConfig } from './config.js';
import type { AlarmType } from './state.js';

/** What `step` goes by. */
export interface AlarmSettings {
  readonly onDelayMs: number;
  readonly offDelayMs: number;
  readonly clearAt: number;
  /** Severity at which each of `bands` begins. */
  readonly levels: readonly [number, number, number];
  readonly deescalateMs: number;
  /** 0 = never. */
  readonly reAlarmMs: number;
  readonly flapWindowMs: number;
  readonly flapHoldMs: number;
  readonly latch: boolean;
  readonly requireAck: boolean;
}

/** Settings of an asset for all its alarm types. */
export interface AssetSettings {
  readonly alarms: Readonly<Record<AlarmType, AlarmSettings>>;
  readonly refreshMs: number;
  readonly sensorFaults: boolean;
  /** 0 = learn it. */
  readonly staleAfterMs: number;
}

/** Frames of quiet before an alarm may end, and of fault before a sensor counts as faulty, whatever the delays say. */
export const leastFrames = 10;

/** Does `name` match a pattern in which `*` stands for any characters? */
export function matchesName(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name;
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop() ?? '';
  if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false;
  let from = head.length;
  for (const part of rest) {
    const at = name.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= name.length - tail.length;
}

/** The settings that hold for an asset scored by `bundle` with frames every `periodMs`. */
export function resolveSettings(config: AlarmConfig, asset: string, bundle: string, periodMs: number): AssetSettings {
  const own = { ...config };
  for (const { assets, bundle: only, ...set } of config.overrides)
    if (matchesName(assets, asset) && (only === undefined || only === bundle)) Object.assign(own, set);
  const least = leastFrames * periodMs;
  const machine: AlarmSettings = {
    onDelayMs: own.onDelayS * 1000,
    offDelayMs: Math.max(own.offDelayS * 1000, least),
    clearAt: own.clearAt,
    levels: [1, own.highAt, own.criticalAt],
    deescalateMs: own.deescalateS * 1000,
    reAlarmMs: own.reAlarmS * 1000,
    flapWindowMs: own.flapWindowS * 1000,
    flapHoldMs: own.flapHoldS * 1000,
    latch: own.latch,
    requireAck: own.acknowledge === 'required',
  };
  const never: readonly [number, number, number] = [1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  return {
    alarms: {
      'machine-anomaly': machine,
      'sensor-fault': { ...machine, levels: never, onDelayMs: own.sensorFaultDelayS * 1000 },
      'data-stale': { ...machine, levels: never, onDelayMs: 0, offDelayMs: 0 },
    },
    refreshMs: own.refreshS * 1000,
    sensorFaults: own.sensorFaults,
    staleAfterMs: own.staleAfterS * 1000,
  };
}
