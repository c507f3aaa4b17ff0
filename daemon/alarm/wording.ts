/** Alarms in words, for people at the machine. */

import { unknownCause } from '../../model/classifier.js';
import type { Channel } from '../../model/manifest.js';
import type { Cause, Diagnostic, SensorSignal, Suspect } from '../message/alarm.js';

/** Signals that a sentence names at most, and the share of the evidence after which it stops. */
const namedSignals = 3;
const namedShare = 0.8;

const mostDecimals = 6;

/** Decimals that show a tenth of the channel's normal spread, so that numbers are no noise. */
function decimalsOf(channel: Pick<Channel, 'scale'> | undefined): number {
  return channel === undefined ? 2 : Math.min(mostDecimals, Math.max(0, 1 - Math.floor(Math.log10(channel.scale))));
}

/** The numbers with so many decimals, or more where only those tell them apart. */
function apart(one: number, other: number, decimals: number): readonly [string, string] {
  const texts = [one.toFixed(decimals), other.toFixed(decimals)] as const;
  return texts[0] !== texts[1] || decimals >= mostDecimals ? texts : apart(one, other, decimals + 1);
}

/** The leading signals of a diagnosis: those that make up most of it. */
function leading(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  let sum = 0;
  const end = diagnostics.findIndex((one) => {
    sum += one.contribution;
    return sum >= namedShare;
  });
  return diagnostics.slice(0, Math.min(namedSignals, end < 0 ? namedSignals : end + 1));
}

/** `vibration 4.80 mm/s, expected 2.10; temperature 71.0 degC, expected 64.0`. */
export function deviations(named: readonly Diagnostic[], channels: readonly Channel[]): string {
  return named
    .filter(({ direction, actual }) => direction !== null || actual === null)
    .map(({ signal, actual, expected, unit }) => {
      const decimals = decimalsOf(channels.find((channel) => channel.name === signal));
      if (expected === null)
        return `${signal} ${actual === null ? 'missing' : withUnit(actual.toFixed(decimals), unit)}`;
      if (actual === null) return `${signal} missing, expected ${expected.toFixed(decimals)}`;
      const [is, should] = apart(actual, expected, decimals);
      return `${signal} ${withUnit(is, unit)}, expected ${should}`;
    })
    .join('; ');
}

/** `vibration and temperature above what was learned`, `vibration above, flow below what was learned`; with a suspect, what of it. */
export function machineReason(diagnostics: readonly Diagnostic[], suspect: Suspect | null): string {
  const named = told(diagnostics, suspect);
  const towards = (wanted: Diagnostic['direction']) =>
    named.filter(({ direction }) => direction === wanted).map(({ signal }) => signal);
  const parts = (['above', 'below'] as const)
    .map((direction) => [towards(direction).join(' and '), direction] as const)
    .filter(([signals]) => signals !== '')
    .map((part) => part.join(' '));
  const what = parts.length === 0 ? 'deviates from what was learned' : `${parts.join(', ')} what was learned`;
  if (suspect === null) return what;
  if (suspect.verdict === 'sensor')
    return `${what}; its error does not follow the machine: check the ${suspect.signals.join(', ')} sensor first`;
  return `${what}; ${orOf(suspect.signals)} alone would explain it: sensor or machine, not clear yet`;
}

export interface MachineFindings {
  readonly diagnostics: readonly Diagnostic[];
  readonly suspect: Suspect | null;
  /** Kind of fault, as far as is known. */
  readonly cause: Cause | null;
  /** It is known to be no single sensor. */
  readonly isMachine: boolean;
}

export function machineMessage(
  asset: string,
  { diagnostics, suspect, cause, isMachine }: MachineFindings,
  channels: readonly Channel[],
  sinceMs: number,
): string {
  const what = deviations(told(diagnostics, suspect), channels);
  const since = `Not behaving as learned since ${clock(sinceMs)}.`;
  return `${asset}: ${what === '' ? '' : `${what}. `}${since}${advice(suspect, isMachine)}${likeness(cause)}`;
}

function likeness(cause: Cause | null): string {
  if (cause === null || cause.class === unknownCause) return '';
  return ` It looks like ${cause.class} (${Math.round(100 * cause.probability)} %).`;
}

function advice(suspect: Suspect | null, isMachine: boolean): string {
  if (suspect === null) return isMachine ? ' No single sensor explains it: it is the machine.' : '';
  const { verdict, signals } = suspect;
  if (verdict === 'sensor')
    return ` Only ${signals.join(', ')} is off, by an amount that does not follow what the machine does: check its sensor first.`;
  return ` ${orOf(signals)} alone would explain it: a wrong sensor, or a trouble of the machine that shows nowhere else yet. It is watched on.`;
}

/** The signals that a sentence names: the suspects, or those that lead. */
function told(diagnostics: readonly Diagnostic[], suspect: Suspect | null): readonly Diagnostic[] {
  return suspect === null ? leading(diagnostics) : diagnostics.filter(({ signal }) => suspect.signals.includes(signal));
}

function orOf(signals: readonly string[]): string {
  return signals.join(' or ');
}

const faultWords: Record<SensorSignal['fault'], string> = {
  missing: 'gives no readings',
  'out-of-range': 'reads what no working sensor gives',
  spike: 'spikes',
  'flat-line': 'is stuck',
};

export function sensorReason(signals: readonly SensorSignal[]): string {
  return signals.map(({ signal, fault }) => `${signal} ${faultWords[fault]}`).join('; ');
}

export function sensorMessage(asset: string, signals: readonly SensorSignal[]): string {
  const what = signals
    .map(({ signal, fault, since }) => `${signal} ${faultWords[fault]} since ${clock(Date.parse(since))}`)
    .join('; ');
  const judged = signals.every(({ masked }) => masked) ? ' The machine is judged by its other signals.' : '';
  return `${asset}: ${what}.${judged}`;
}

/** `judged without flow, which is stuck (check the sensor)`: what a verdict on the machine says of sensors that are faulty. */
export function doubtReason(signals: readonly SensorSignal[]): string {
  return doubts(signals, ({ signal, fault }) => [signal, faultWords[fault]]);
}

/** The same as a sentence to follow others, with times; empty where all sensors are sound. */
export function doubtMessage(signals: readonly SensorSignal[]): string {
  if (signals.length === 0) return '';
  const text = doubts(signals, ({ signal, fault, since }) => [
    signal,
    `${faultWords[fault]} since ${clock(Date.parse(since))}`,
  ]);
  return ` ${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function doubts(signals: readonly SensorSignal[], words: (one: SensorSignal) => [string, string]): string {
  const without = signals.filter(({ masked }) => masked).map((one) => words(one).join(', which '));
  const within = signals.filter(({ masked }) => !masked).map((one) => words(one).join(' '));
  const parts = without.length === 0 ? within : [`judged without ${without.join(', and ')}`, ...within];
  return `${parts.join('; ')} (check the sensor${signals.length === 1 ? '' : 's'})`;
}

export function staleMessage(asset: string, sinceMs: number, usualMs: number | null): string {
  const usual = usualMs === null ? '' : ` (usually every ${interval(usualMs)})`;
  return `${asset}: no data since ${clock(sinceMs)}${usual}. Nothing is known of it until data come again.`;
}

export function allStaleMessage(assets: number, sinceMs: number): string {
  return `No data from any of ${assets} assets since ${clock(sinceMs)}, though the broker is there: check the network of the machines and what publishes their data. Nothing is known of them until data come again.`;
}

/** `2026-03-01 14:02:10 UTC`: with the day, as a retained message may be read days later. */
function clock(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function interval(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 120_000 ? `${Number((ms / 1000).toPrecision(2))} s` : `${Math.round(ms / 60_000)} min`;
}

function withUnit(number: string, unit: string): string {
  return unit === '' ? number : `${number} ${unit}`;
}
