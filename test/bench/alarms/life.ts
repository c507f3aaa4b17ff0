/** The rules of one alarm, told a second time from docs/alarm-rules.md: what happened to it goes in, what must have become of it comes out. */

/** What happened. `now` is the clock of the gateway, `time` event time. */
export type Happening =
  | {
      readonly what: 'verdict';
      readonly time: number;
      readonly now: number;
      readonly severity: number;
      /** Of the machine: what the frame says of sensor or machine, if anything. */
      readonly suspicion?: Suspicion | undefined;
    }
  /** Another signal joined an open sensor fault. */
  | { readonly what: 'joined'; readonly time: number; readonly now: number }
  | { readonly what: 'window'; readonly time: number; readonly now: number; readonly on: boolean }
  | { readonly what: 'clock'; readonly now: number }
  | { readonly what: 'asked'; readonly now: number; readonly for: Asked; readonly until?: number }
  | { readonly what: 'restart' };

export type Suspicion = 'undecided' | 'sensor' | 'machine';
export type Asked = 'ack' | 'shelve' | 'unshelve' | 'out-of-service' | 'in-service';

/** Settings of the alarm, seconds. */
export interface Rules {
  readonly onDelay: number;
  readonly offDelay: number;
  readonly clearAt: number;
  readonly bands: readonly number[];
  readonly deescalate: number;
  readonly reAlarm: number;
  readonly flapWindow: number;
  readonly flapHold: number;
  readonly latch: boolean;
  readonly mustAck: boolean;
}

export interface Expected {
  readonly kind: string;
  readonly time: number;
  readonly alert: boolean;
  readonly to: string;
}

const seconds = (ms: number) => ms / 1000;

export class Life {
  readonly expected: Expected[] = [];
  /** Rule 1: what the process does. */
  private process: 'normal' | 'pending' | 'active' = 'normal';
  private pendingSince = Number.NaN;
  private quietSince = Number.NaN;
  private belowBandSince = Number.NaN;
  private band = 0;
  private began = Number.NaN;
  private ended = Number.NEGATIVE_INFINITY;
  private returns = 0;
  /** Rule 6: the occurrence goes on until it has ended and, where required, was acknowledged. */
  private occurrence: 'none' | 'open' = 'none';
  private acked = false;
  private latched = false;
  /** Rule 10: people heard of it in this occurrence. */
  private latchHeard = false;
  /** Rule 8. */
  private readonly silences = new Set<'out-of-service' | 'suppressed' | 'shelved'>();
  private shelvedUntil = Number.NaN;
  /** Rule 16: what people were told last. */
  private peopleThink: 'normal' | 'alarm' = 'normal';
  private toldBand = -1;
  /** Rule 17: alerts told in between. */
  private news = 0;
  /** Rule 9: the last word of the frames, and what the alarm knows. */
  private lastWord: Suspicion | undefined;
  private known: 'undecided' | 'sensor' | 'nothing' = 'nothing';
  private toldAt = Number.NaN;
  /** Rule 13: how often it was announced anew. */
  private reminders = 0;

  /** Rule 18: the other alarm that the readings of the asset can raise. */
  companion: Life | undefined;

  constructor(public rules: Rules) {}

  /** Rule 18. */
  private get accompanied(): boolean {
    const other = this.companion;
    return other?.process === 'active' && other.peopleThink === 'alarm' && !other.silent;
  }

  /** Rule 17: what was told of the fault besides beginnings and ends, of both alarms. */
  private newsAt(time: number): number {
    const other = this.companion;
    return this.news + (other !== undefined && this.isJoint(time) ? other.news : 0);
  }

  /** The other alarm may come from the same fault. */
  private isJoint(time: number): boolean {
    const other = this.companion;
    if (other === undefined) return false;
    return other.process === 'active' || seconds(time - other.ended) < other.rules.flapWindow;
  }

  get isActive(): boolean {
    return this.process === 'active';
  }

  get isOpen(): boolean {
    return this.occurrence === 'open';
  }

  happen(one: Happening): void {
    switch (one.what) {
      case 'verdict':
        this.verdict(one);
        return;
      case 'joined':
        if (this.process !== 'active') return;
        this.note('widened', one.time, this.acked && !this.silent, () => {
          if (this.acked && !this.silent) this.toldAt = one.now;
          this.acked = false;
        });
        return;
      case 'window':
        if (one.on !== this.silences.has('suppressed'))
          this.silence('suppressed', one.on, one.on ? 'suppressed' : 'unsuppressed', one.time, one.now, 'by itself');
        return;
      case 'clock':
        this.clock(one.now);
        return;
      case 'asked':
        this.asked(one);
        return;
      case 'restart':
        // Nobody watched meanwhile.
        if (!this.latched) this.quietSince = Number.NaN;
        this.belowBandSince = Number.NaN;
        this.lastWord = undefined;
    }
  }

  private verdict(one: Extract<Happening, { what: 'verdict' }>): void {
    this.lastWord = one.suspicion ?? (this.process === 'active' ? this.lastWord : undefined);
    const before = this.expected.length;
    if (this.process === 'active') this.whileActive(one);
    else this.whileNormal(one);
    const happened = this.expected.length > before;
    const suspected = this.lastWord === undefined || this.lastWord === 'machine' ? 'nothing' : this.lastWord;
    if (happened && this.process === 'normal') this.lastWord = undefined;
    if (one.severity < 1) return;
    if (happened) {
      this.known = suspected;
      return;
    }
    if (this.process !== 'active' || this.lastWord === undefined || suspected === this.known) return;
    this.known = suspected;
    if (suspected === 'undecided') return;
    const alert = this.peopleThink === 'alarm' && !this.silent && this.isLeft(this.toldBand, one.time);
    this.note('diagnosed', one.time, alert, () => {
      if (alert) this.news++;
    });
  }

  /** Two alerts in between, one of them for the highest band. */
  private isLeft(band: number, time: number): boolean {
    if (band === 2 && this.toldBand < 2) return true;
    const wantsHighest = this.toldBand < 2 && band < 2;
    return this.newsAt(time) < (wantsHighest ? 1 : 2);
  }

  /** Rule 17: a third one, if it is a reminder and the fault has not come back. */
  private isReminderLeft(time: number): boolean {
    const other = this.companion;
    const cameBack = this.returns > 0 || (this.isJoint(time) && (other?.returns !== 0 || other.process !== 'active'));
    return this.newsAt(time) + (this.toldBand < 2 ? 1 : 0) < (cameBack ? 2 : 3);
  }

  private get silent(): boolean {
    return this.silences.size > 0;
  }

  private get name(): string {
    for (const silence of ['out-of-service', 'suppressed', 'shelved'] as const)
      if (this.silences.has(silence)) return silence;
    if (this.process === 'active') return this.acked ? 'acknowledged' : 'active';
    return this.occurrence === 'open' ? 'cleared-unacknowledged' : this.process;
  }

  /** Notes a transition; whether it is an alert is asked before the change, the state after it. */
  private note(kind: string, time: number, alert: boolean, change: () => void): void {
    change();
    const other = this.companion;
    if (alert && this.process !== 'active' && other?.process !== 'active' && other?.occurrence === 'none')
      other.peopleThink = 'normal';
    this.expected.push({ kind, time, alert, to: this.name });
  }

  private whileNormal({ time, now, severity }: Extract<Happening, { what: 'verdict' }>): void {
    const { onDelay, clearAt, bands, flapWindow } = this.rules;
    if (this.process === 'pending' && severity < clearAt) {
      this.note('dropped', time, false, () => {
        this.process = 'normal';
      });
      return;
    }
    if (severity < 1) return;
    const since = this.process === 'pending' ? this.pendingSince : time;
    if (seconds(time - since) < onDelay) {
      if (this.process === 'normal')
        this.note('pending', time, false, () => {
          this.process = 'pending';
          this.pendingSince = time;
        });
      return;
    }
    const waited = this.occurrence === 'open';
    const isReturn = seconds(time - this.ended) < flapWindow;
    const band = bands.findLastIndex((from) => severity >= from);
    if (!isReturn) {
      this.toldBand = -1;
      this.news = 0;
    }
    const thought = this.accompanied && this.peopleThink === 'alarm';
    const alert = !this.silent && (!thought || (band > this.toldBand && this.isLeft(band, time)));
    this.note(waited ? 'returned' : 'raised', time, alert, () => {
      if (alert && this.accompanied) this.news++;
      this.process = 'active';
      this.began = time;
      this.occurrence = 'open';
      this.acked = false;
      this.latched = false;
      this.latchHeard = false;
      this.returns = isReturn ? this.returns + 1 : 0;
      this.reminders = 0;
      this.band = band;
      this.quietSince = Number.NaN;
      this.belowBandSince = Number.NaN;
      if (this.silent) this.toldAt = Number.NaN;
      if (alert) this.tell(now);
    });
  }

  private tell(now: number): void {
    this.peopleThink = 'alarm';
    this.toldBand = Math.max(this.toldBand, this.band);
    this.toldAt = now;
  }

  private whileActive({ time, now, severity }: Extract<Happening, { what: 'verdict' }>): void {
    const { clearAt, bands, deescalate, latch } = this.rules;
    if (this.latched) {
      if (severity >= 1)
        this.note('returned', time, false, () => {
          this.latched = false;
          this.quietSince = Number.NaN;
        });
      return;
    }
    if (severity < clearAt) {
      if (Number.isNaN(this.quietSince)) this.quietSince = time;
      if (seconds(time - this.quietSince) < this.hold(time)) return;
      if (latch && !this.acked && this.peopleThink === 'alarm')
        this.note('latched', time, !this.silent && !this.latchHeard, () => {
          this.latched = true;
          if (!this.silent) this.latchHeard = true;
        });
      else this.end(time, this.rules.mustAck);
      return;
    }
    this.quietSince = Number.NaN;
    const reached = bands.findLastIndex((from) => severity >= from);
    if (reached > this.band) {
      const news = !this.silent && reached > this.toldBand && this.isLeft(reached, time);
      this.note('escalated', time, news, () => {
        this.band = reached;
        this.belowBandSince = Number.NaN;
        if (!news) return;
        this.news++;
        this.tell(now);
      });
      return;
    }
    if (this.band === 0 || severity >= (bands[this.band] ?? 1) * clearAt) {
      this.belowBandSince = Number.NaN;
      return;
    }
    if (Number.isNaN(this.belowBandSince)) this.belowBandSince = time;
    if (seconds(time - this.belowBandSince) < deescalate) return;
    this.note('de-escalated', time, false, () => {
      this.band--;
      this.belowBandSince = time;
    });
  }

  /** Rules 6, 7: how long it must be quiet. */
  private hold(time: number): number {
    const { offDelay, flapHold, flapWindow } = this.rules;
    let hold = flapHold;
    for (let k = 1; k < this.returns; k++) hold *= 6;
    const other = this.companion;
    const gap = other === undefined || other.process === 'active' ? -1 : seconds(this.began - other.ended);
    const follows = gap >= 0 && gap < flapWindow;
    const news = this.newsAt(time);
    const isTooMuch = (this.isJoint(time) && news >= 2) || news + (this.toldBand < 2 ? 1 : 0) >= 3;
    const short = this.returns === 0 && !follows && !isTooMuch;
    return short ? offDelay : Math.max(offDelay, Math.min(hold, flapWindow));
  }

  private end(time: number, mustAck: boolean): void {
    const waits = mustAck && !this.acked && this.peopleThink === 'alarm';
    const alert = this.peopleThink === 'alarm' && !this.silent && !this.accompanied;
    this.note('cleared', time, alert, () => {
      this.process = 'normal';
      this.latched = false;
      this.ended = this.quietSince;
      this.quietSince = Number.NaN;
      this.belowBandSince = Number.NaN;
      if (waits) return;
      this.occurrence = 'none';
      if (alert) this.peopleThink = 'normal';
    });
  }

  private clock(now: number): void {
    if (this.silences.has('shelved') && this.shelvedUntil <= now) {
      this.silence('shelved', false, 'unshelved', now, now, 'by itself');
      return;
    }
    const { reAlarm } = this.rules;
    const isQuiet = !this.latched && !Number.isNaN(this.quietSince);
    if (
      this.process !== 'active' ||
      this.silent ||
      isQuiet ||
      reAlarm === 0 ||
      !(seconds(now - this.toldAt) >= reAlarm * 2 ** this.reminders) ||
      !this.isReminderLeft(now)
    )
      return;
    this.note('re-alarmed', now, true, () => {
      this.acked = false;
      this.toldAt = now;
      this.reminders++;
      this.news++;
    });
  }

  private asked({ now, for: wish, until = Number.NaN }: Extract<Happening, { what: 'asked' }>): void {
    if (wish === 'ack') this.acknowledge(now);
    else if (wish === 'shelve') {
      if (this.silences.has('shelved') && this.shelvedUntil === until) return;
      this.shelvedUntil = until;
      this.silence('shelved', true, 'shelved', now, now);
    } else if (wish === 'unshelve') {
      if (this.silences.has('shelved')) this.silence('shelved', false, 'unshelved', now, now);
    } else if (this.silences.has('out-of-service') !== (wish === 'out-of-service'))
      this.silence('out-of-service', wish === 'out-of-service', wish, now, now);
  }

  private acknowledge(now: number): void {
    if (this.occurrence === 'none' || this.acked) return;
    this.note('acknowledged', now, !this.silent, () => {
      this.acked = true;
      if (this.process === 'active') return;
      this.occurrence = 'none';
      if (!this.silent) this.peopleThink = 'normal';
    });
    if (this.latched) this.end(now, false);
  }

  private silence(
    which: 'out-of-service' | 'suppressed' | 'shelved',
    on: boolean,
    kind: string,
    time: number,
    now: number,
    how: 'asked' | 'by itself' = 'asked',
  ): void {
    const before = this.silent;
    if (on) this.silences.add(which);
    else this.silences.delete(which);
    const open = this.occurrence === 'open';
    let alert = false;
    if (!before) alert = open && which !== 'suppressed';
    else if (!this.silent && this.process === 'active') {
      const news = this.peopleThink === 'normal' || this.band > this.toldBand;
      alert = news || (how === 'by itself' && !this.accompanied);
    } else if (!this.silent) alert = open ? how === 'by itself' : this.peopleThink === 'alarm' && !this.accompanied;
    this.note(kind, time, alert, () => {
      if (this.silent || !alert) return;
      if (this.process === 'active') this.tell(now);
      else if (!open) this.peopleThink = 'normal';
    });
  }
}
