/** Publishes what happens: states retained, alerts once each, through the outbox; scores straight to the broker. */
import type { ResultBatch } from '../model/frames.js';
import type { Manifest } from '../model/manifest.js';
import { modeOf } from '../model/modes.js';
import { reasonOf } from '../model/reason.js';
import type { AlarmChange } from './alarm/alarms.js';
import { type AlarmType, isRetained, phaseOf } from './alarm/state.js';
import { storedAlarmSchema } from './alarm/stored.js';
import { boundedScore, type StoredAlarm } from './alarm/view.js';
import { lookoutEvent } from './format/lookout.js';
import type { AlarmMessage, EventMessage } from './message/alarm.js';
import type { Availability, HealthMessage, ScoreMessage } from './message/bridge.js';
import type { Response } from './message/request.js';
import type { Outbox, OutMessage } from './outbox.js';
import type { Topics } from './publish-topics.js';

/** Memo keys of alarms in the outbox. */
const memoPrefix = 'alarm/';

export interface PublisherOptions {
  readonly topics: Topics;
  readonly outbox: Outbox;
  /** Of alerts: our own, or that of AWS Lookout for Equipment. */
  readonly format?: () => 'anomalyd' | 'lookout';
  /** Something waits in the outbox. */
  readonly onQueued: () => void;
}

export class Publisher {
  readonly #availability = new Map<string, Availability['state']>();

  constructor(private readonly options: PublisherOptions) {}

  /** The retained state, the alert if there is one, and what `Alarms.restore` needs, in one write. */
  alarm(change: AlarmChange): void {
    const { topics } = this.options;
    const { message, retained, transition, stored } = change;
    const { asset } = message;
    const messages: OutMessage[] = [];
    // Nobody is told of what may still become an alarm.
    const silent = transition !== null && !isRetained(transition.from) && !retained;
    if (!silent || transition?.alert === true) messages.push(this.#state(message, retained));
    if (transition?.alert === true)
      messages.push({ topic: topics.event(asset), payload: (seq) => this.#event(change, seq), retain: false });
    this.put(messages, { [memoKey(stored)]: stored });
  }

  /** The alarms as they were when the outbox was last written. */
  storedAlarms(): StoredAlarm[] {
    const found: StoredAlarm[] = [];
    for (const [key, memo] of this.options.outbox.memos) {
      const parsed = key.startsWith(memoPrefix) ? storedAlarmSchema.safeParse(memo) : undefined;
      if (parsed?.success === true) found.push(parsed.data);
    }
    return found;
  }

  /**
   * After each connection: brings the broker's retained messages to what we know, whatever became of them meanwhile: we are online, each alarm is as it
   * is, and alarms that are normal have no state.
   */
  connected(alarms: readonly AlarmMessage[], stored: readonly StoredAlarm[]): void {
    const { topics } = this.options;
    const shown = new Set(alarms.map(({ asset, type }) => topics.alarm(asset, type)));
    const gone = stored
      .filter(({ asset, type, state }) => !isRetained(phaseOf(state)) && !shown.has(topics.alarm(asset, type)))
      .map(({ asset, type }): OutMessage => this.#empty(topics.alarm(asset, type)));
    this.put([
      this.#availabilityMessage(topics.state, 'online'),
      ...[...this.#availability].map(([asset, state]) => this.#availabilityMessage(topics.availability(asset), state)),
      ...alarms.map((message) => this.#state(message, true)),
      ...gone,
    ]);
  }

  /** A retained message on the topic of an alarm: emptied if no such alarm is known any more. True when it was a stranger. */
  audit(topic: string, payload: string, isKnown: (asset: string, type: string) => boolean): boolean {
    if (payload === '' || !this.options.topics.isAlarm(topic)) return false;
    const [asset = '', , type = ''] = topic.slice(this.options.topics.base.length + 1).split('/');
    if (isKnown(asset, type)) return false;
    this.put([this.#empty(topic)]);
    return true;
  }

  /** On the way out, before the connection closes. Keeps the alarms as they are, with the timers that no transition has written. */
  leaving(stored: readonly StoredAlarm[]): void {
    const memos = Object.fromEntries(stored.map((alarm) => [memoKey(alarm), alarm]));
    this.put([this.#availabilityMessage(this.options.topics.state, 'offline')], memos);
  }

  /** Empties all that is retained of an asset, and forgets its alarms. */
  remove(asset: string, types: readonly AlarmType[]): void {
    const { topics } = this.options;
    this.#availability.delete(asset);
    const memos = Object.fromEntries(types.map((type) => [memoKey({ asset, type }), undefined]));
    const alarms = types.map((type) => this.#empty(topics.alarm(asset, type)));
    this.put([...alarms, this.#empty(topics.availability(asset))], memos);
  }

  availability(asset: string, state: Availability['state']): void {
    if (this.#availability.get(asset) === state) return;
    this.#availability.set(asset, state);
    this.put([this.#availabilityMessage(this.options.topics.availability(asset), state)]);
  }

  health(message: HealthMessage): void {
    this.put([{ topic: this.options.topics.health, payload: JSON.stringify(message), retain: true }]);
  }

  response(command: string, response: Response): void {
    const topic = this.options.topics.response(command);
    this.put([{ topic, payload: JSON.stringify(response), retain: false }]);
  }

  #event(change: AlarmChange, seq: number): string {
    const event = eventMessage(change, seq);
    return JSON.stringify(this.options.format?.() === 'lookout' ? lookoutEvent(event) : event);
  }

  #state(message: AlarmMessage, retained: boolean): OutMessage {
    const topic = this.options.topics.alarm(message.asset, message.type);
    return retained ? { topic, payload: JSON.stringify(message), retain: true } : this.#empty(topic);
  }

  #empty(topic: string): OutMessage {
    return { topic, payload: '', retain: true };
  }

  #availabilityMessage(topic: string, state: Availability['state']): OutMessage {
    const payload: Availability = { state };
    return { topic, payload: JSON.stringify(payload), retain: true };
  }

  /** Takes messages and memos into the outbox, in one write. */
  put(messages: readonly OutMessage[], memos?: Readonly<Record<string, unknown>>): void {
    this.options.outbox.put(messages, memos);
    if (messages.length > 0) this.options.onQueued();
  }
}

/** The alert of a change that is one (`transition.alert`). */
export function eventMessage({ message, transition, window }: AlarmChange, seq: number): EventMessage {
  if (transition === null) throw new Error('an alert without a transition');
  return {
    seq,
    event: transition.kind,
    time: new Date(transition.timeMs).toISOString(),
    previous: transition.from,
    ...message,
    by: transition.by ?? message.by,
    comment: transition.comment ?? message.comment,
    window,
  };
}

function memoKey({ asset, type }: Pick<StoredAlarm, 'asset' | 'type'>): string {
  return `${memoPrefix}${asset}/${type}`;
}

/** One score message a result: `publish` sends it with QoS 0. */
export function publishScores(
  batch: ResultBatch,
  assets: readonly string[],
  bundle: string,
  manifest: Pick<Manifest, 'channels' | 'modes'>,
  topics: Topics,
  publish: (topic: string, payload: string) => void,
): void {
  for (let i = 0; i < batch.n; i++) {
    const asset = assets[batch.slot[i] ?? -1];
    if (asset === undefined) continue;
    const message: ScoreMessage = {
      time: new Date(batch.timeMs[i] ?? 0).toISOString(),
      severity: boundedScore(batch.severity[i] ?? 0),
      instant: boundedScore(batch.instant[i] ?? 0),
      mode: modeOf(manifest.modes, batch.mode[i]),
      reason: reasonOf(manifest, batch, i),
      bundle,
    };
    publish(topics.score(asset), JSON.stringify(message));
  }
}
