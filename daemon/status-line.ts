/** The one line that `systemctl status` shows: what the daemon does at the moment, or what stands in its way. */
import type { Clock } from '../model/clock.js';
import type { Notifier } from './notify.js';

export interface StatusFacts {
  /** The stage of work that is stuck; empty = none. */
  readonly stuck: string;
  readonly broker: string;
  readonly connected: boolean;
  /** Why not connected, as far as that is known. */
  readonly trouble: string;
  readonly assets: number;
  readonly silent: number;
  /** Machines with an alarm that is active. */
  readonly alarms: number;
  /** Since the start. */
  readonly framesScored: number;
  /** The config on disk is the one in force. */
  readonly configInForce: boolean;
}

export class StatusLine {
  private told = '';
  private before: { readonly atMs: number; readonly frames: number } | undefined;

  constructor(
    private readonly notifier: Pick<Notifier, 'status'>,
    private readonly clock: Clock,
    private readonly facts: () => StatusFacts,
  ) {}

  /** Call it every few seconds, and when something has happened; the same line is not sent twice. */
  tell(): void {
    const line = this.line();
    if (line !== this.told) this.notifier.status(line);
    this.told = line;
  }

  line(): string {
    const facts = this.facts();
    const { stuck, configInForce } = facts;
    return [
      ...(stuck === '' ? [] : [`stuck: ${stuck} has work and finishes none`]),
      this.work(facts),
      connection(facts),
      ...(configInForce ? [] : ['the config on disk does not hold, the old one is in force']),
    ].join('; ');
  }

  private work({ assets, silent, alarms, framesScored, connected }: StatusFacts): string {
    const rate = this.rate(framesScored);
    if (!connected) return 'waiting for the broker';
    if (assets === 0) return 'no machine heard of yet';
    const parts = [
      `scoring ${assets} ${assets === 1 ? 'machine' : 'machines'}`,
      `${rate >= 10 ? Math.round(rate) : rate.toFixed(1)} frames/s`,
      ...(alarms === 0 ? [] : [`${alarms} in alarm`]),
      ...(silent === 0 ? [] : [`${silent} silent`]),
    ];
    return parts.join(', ');
  }

  /** Frames a second since the last look; looks that follow one another at once see the same. */
  private rate(frames: number): number {
    const atMs = this.clock.monotonic();
    const { before } = this;
    this.before = { atMs, frames };
    return before === undefined ? 0 : Math.max(0, (1000 * (frames - before.frames)) / Math.max(1, atMs - before.atMs));
  }
}

function connection({ broker, connected, trouble }: StatusFacts): string {
  if (connected) return `connected to ${broker}`;
  return trouble === '' ? `connecting to ${broker}` : `${broker}: ${trouble}`;
}
