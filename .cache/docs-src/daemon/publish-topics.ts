/** The topics we publish and listen to for ourselves, all below one base. */
import type { AlarmType } from './alarm/state.js';

export class Topics {
  constructor(readonly base: string) {}

  get state(): string {
    return `${this.base}/bridge/state`;
  }

  get health(): string {
    return `${this.base}/bridge/health`;
  }

  /** Filters of what is addressed to us: requests, and our own retained alarms, to find those that are no more. */
  get filters(): readonly string[] {
    return [`${this.base}/bridge/request/#`, `${this.base}/+/alarm/+`];
  }

  response(command: string): string {
    return `${this.base}/bridge/response/${command}`;
  }

  alarm(asset: string, type: AlarmType): string {
    return `${this.base}/${asset}/alarm/${type}`;
  }

  event(asset: string): string {
    return `${this.base}/${asset}/event`;
  }

  score(asset: string): string {
    return `${this.base}/${asset}/score`;
  }

  availability(asset: string): string {
    return `${this.base}/${asset}/availability`;
  }

  /** The command of a request topic; undefined for any other topic. */
  commandOf(topic: string): string | undefined {
    const prefix = `${this.base}/bridge/request/`;
    return topic.startsWith(prefix) ? topic.slice(prefix.length) : undefined;
  }

  /** True for the topic of an alarm, ours or one that we have forgotten. */
  isAlarm(topic: string): boolean {
    const rest = topic.startsWith(`${this.base}/`) ? topic.slice(this.base.length + 1).split('/') : [];
    return rest.length === 3 && rest[0] !== 'bridge' && rest[1] === 'alarm';
  }
}
