/** What must have become of every alarm of the plant, by docs/alarm-rules.md, from what was driven; and how that differs from what was told. */
import type { AlarmConfig, MaintenanceWindow } from '../../../daemon/alarm/config.js';
import type { AlarmChange } from '../../../daemon/alarm/ledger.js';
import type { Transition } from '../../../daemon/alarm/transition.js';
import { modeCode, type ResultBatch } from '../../../model/frames.js';
import { type Asked, type Expected, Life, type Rules } from './life.js';
import { periodMs } from './scenario.js';
import { Sensors } from './sensors.js';
import { type Silence, Silences } from './silence.js';

export type Told = Omit<AlarmChange, 'transition'> & { readonly transition: Transition };

export const types = ['machine-anomaly', 'sensor-fault', 'data-stale'] as const;
export type Type = (typeof types)[number];

/** Verdicts of a frame, by code. */
const words = [undefined, 'undecided', 'sensor', 'machine'] as const;

/** What the rules are applied to: one asset with its three alarms. */
class Asset {
  readonly lives: Readonly<Record<Type, Life>>;
  readonly sensors: Sensors;

  constructor(
    readonly name: string,
    signals: number,
    config: AlarmConfig,
  ) {
    const life = (type: Type) => new Life(rulesOf(config, name, type));
    this.lives = {
      'machine-anomaly': life('machine-anomaly'),
      'sensor-fault': life('sensor-fault'),
      'data-stale': life('data-stale'),
    };
    this.lives['machine-anomaly'].companion = this.lives['sensor-fault'];
    this.lives['sensor-fault'].companion = this.lives['machine-anomaly'];
    this.sensors = new Sensors(signals);
  }
}

export class Rulebook {
  #assets: readonly Asset[];
  readonly #bridge: Life;
  readonly #silences: Silences;
  #config: AlarmConfig;
  /** Answers to requests that differ from what the rules say. */
  readonly wrongAnswers: string[] = [];

  constructor(
    names: readonly string[],
    private readonly signals: number,
    config: AlarmConfig,
    startMs: number,
  ) {
    this.#config = config;
    this.#assets = names.map((name) => new Asset(name, signals, config));
    this.#bridge = new Life(rulesOf(config, 'bridge', 'data-stale'));
    this.#silences = new Silences(names.length, config.staleAfterS * 1000, startMs);
  }

  reload(config: AlarmConfig): void {
    this.#config = config;
    for (const asset of this.#assets)
      for (const type of types) asset.lives[type].rules = rulesOf(config, asset.name, type);
    this.#bridge.rules = rulesOf(config, 'bridge', 'data-stale');
  }

  restart(nowMs: number, connected: boolean): void {
    for (const { lives, sensors } of this.#assets) {
      sensors.restart(lives['sensor-fault'].isActive);
      for (const type of types) lives[type].happen({ what: 'restart' });
    }
    this.#bridge.happen({ what: 'restart' });
    this.#silences.restart(nowMs, connected, (slot) => this.#stale(slot).isActive);
  }

  connected(nowMs: number): void {
    this.#silences.connected(nowMs);
  }

  disconnected(): void {
    this.#silences.disconnected();
  }

  /** A request that is well made, and the status of its answer. */
  asked(
    name: string,
    type: string | null,
    wish: Asked,
    untilMs: number | undefined,
    nowMs: number,
    status: string,
  ): void {
    const asset = this.#assets.find((one) => one.name === name);
    if (asset === undefined) return;
    const meant = types.filter((one) => (type === null || one === type) && (wish !== 'ack' || asset.lives[one].isOpen));
    const answer = meant.length === 0 ? 'error' : 'ok';
    if (answer !== status) this.wrongAnswers.push(`${name}: ${wish} was answered with ${status}`);
    for (const one of meant)
      asset.lives[one].happen({
        what: 'asked',
        now: nowMs,
        for: wish,
        ...(untilMs !== undefined && { until: untilMs }),
      });
  }

  heard(slot: number, nowMs: number): void {
    for (const silence of this.#silences.hear(slot, nowMs)) this.#silent(silence, nowMs);
  }

  verdicts(batch: ResultBatch, nowMs: number): void {
    for (let i = 0; i < batch.n; i++) {
      const asset = this.#assets[batch.slot[i] ?? 0];
      if (asset === undefined) continue;
      const time = batch.timeMs[i] ?? 0;
      this.#windows(asset, time, nowMs);
      const mode = batch.mode[i] ?? 0;
      const health = batch.health.subarray(i * this.signals, (i + 1) * this.signals);
      this.#sensors(asset, health, mode, time, nowMs);
      if (mode === modeCode.steady)
        asset.lives['machine-anomaly'].happen({
          what: 'verdict',
          time,
          now: nowMs,
          severity: batch.severity[i] ?? 0,
          suspicion: words[batch.verdict[i] ?? 0],
        });
    }
  }

  clock(nowMs: number): void {
    for (const [slot, asset] of this.#assets.entries()) {
      for (const type of types) asset.lives[type].happen({ what: 'clock', now: nowMs });
      if (asset.lives['data-stale'].isActive) this.#windows(asset, nowMs, nowMs);
      this.#stays(slot, nowMs);
    }
    this.#bridge.happen({ what: 'clock', now: nowMs });
    this.#stays(-1, nowMs);
    for (const silence of this.#silences.look(nowMs)) this.#silent(silence, nowMs);
  }

  /** One line for each transition that the rules do not explain, and for each that they ask for and that was not told. */
  differences(told: readonly Told[]): string[] {
    const lives: [string, Life][] = this.#assets.flatMap(({ name, lives }) =>
      types.map((type): [string, Life] => [`${name}/${type}`, lives[type]]),
    );
    lives.push(['bridge/data-stale', this.#bridge]);
    const known = new Set(lives.map(([name]) => name));
    const strays = told.filter(({ message: { asset, type } }) => !known.has(`${asset}/${type}`));
    return [
      ...strays.map(({ message }) => `${message.asset}/${message.type}: no such alarm`),
      ...this.wrongAnswers,
      ...lives.flatMap(([name, { expected }]) =>
        compare(
          name,
          expected,
          told.filter(({ message: { asset, type } }) => `${asset}/${type}` === name),
        ),
      ),
    ];
  }

  #stale(slot: number): Life {
    return slot < 0 ? this.#bridge : (this.#assets[slot] as Asset).lives['data-stale'];
  }

  #silent({ slot, silent }: Silence, nowMs: number): void {
    const asset = this.#assets[slot];
    if (asset !== undefined) this.#windows(asset, nowMs, nowMs);
    this.#stale(slot).happen({ what: 'verdict', time: nowMs, now: nowMs, severity: silent ? 1 : 0 });
  }

  /** Who is heard again is quiet for as long as the clock goes on. */
  #stays(slot: number, nowMs: number): void {
    const life = this.#stale(slot);
    if (life.isActive && !this.#silences.isSilent(slot))
      life.happen({ what: 'verdict', time: nowMs, now: nowMs, severity: 0 });
  }

  #sensors({ sensors, lives }: Asset, health: Uint8Array, mode: number, time: number, now: number): void {
    const severity = sensors.take(health, mode);
    if (severity === undefined) return;
    const life = lives['sensor-fault'];
    const before = life.expected.length;
    life.happen({ what: 'verdict', time, now, severity });
    if (severity < 1) return;
    if (life.expected.length > before) sensors.rename();
    else if (life.isActive && sensors.name()) life.happen({ what: 'joined', time, now });
  }

  #windows({ name, lives }: Asset, time: number, now: number): void {
    const on = this.#config.maintenance.some((window) => isMeant(window.assets, name) && isWithin(window, time));
    for (const type of types) lives[type].happen({ what: 'window', time, now, on });
  }
}

function rulesOf(config: AlarmConfig, asset: string, type: Type): Rules {
  const own = config.overrides.filter(({ assets }) => isMeant(assets, asset));
  const set: AlarmConfig = Object.assign({ ...config }, ...own);
  const isMachine = type === 'machine-anomaly';
  const isStale = type === 'data-stale';
  return {
    onDelay: isMachine ? set.onDelayS : isStale ? 0 : set.sensorFaultDelayS,
    offDelay: isStale ? 0 : Math.max(set.offDelayS, (10 * periodMs) / 1000),
    clearAt: set.clearAt,
    bands: isMachine ? [1, set.highAt, set.criticalAt] : [1],
    deescalate: set.deescalateS,
    reAlarm: set.reAlarmS,
    flapWindow: set.flapWindowS,
    flapHold: set.flapHoldS,
    latch: set.latch,
    mustAck: set.acknowledge === 'required',
  };
}

/** `pump-1*`. */
function isMeant(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** Weekly windows of the bench begin and end on the same day. */
function isWithin(window: MaintenanceWindow, time: number): boolean {
  if ('from' in window) return time >= Date.parse(window.from) && time < Date.parse(window.to);
  const at = new Date(time);
  const day = (['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const)[at.getUTCDay()] ?? 'sun';
  const clock = at.toISOString().slice(11, 16);
  return window.days.includes(day) && clock >= window.start && clock < window.end;
}

function compare(name: string, expected: readonly Expected[], told: readonly Told[]): string[] {
  const line = ({ kind, time, alert, to }: Expected) =>
    `${kind} -> ${to}${alert ? ', alert' : ''} at ${new Date(time).toISOString()}`;
  const wanted = expected.map(line);
  const found = told.map(({ transition: { kind, timeMs, alert, to } }) => line({ kind, time: timeMs, alert, to }));
  const problems: string[] = [];
  const rest = [...wanted];
  for (const one of found) {
    const at = rest.indexOf(one);
    if (at === 0) rest.shift();
    else if (at > 0)
      problems.push(
        ...rest
          .splice(0, at + 1)
          .slice(0, -1)
          .map((missing) => `${name}: not told: ${missing}`),
      );
    else problems.push(`${name}: not explained: ${one}`);
  }
  problems.push(...rest.map((missing) => `${name}: not told: ${missing}`));
  // Each transition begins where the one before ended, and no id is used for two occurrences.
  let phase = 'normal';
  const ids = new Set<string>();
  for (const { transition, stored } of told) {
    if (transition.from !== phase)
      problems.push(`${name}: ${transition.kind} from ${transition.from}, but it was ${phase}`);
    phase = transition.to;
    if (transition.kind !== 'raised') continue;
    if (ids.has(stored.state.id)) problems.push(`${name}: an id was used twice`);
    ids.add(stored.state.id);
  }
  return problems;
}
