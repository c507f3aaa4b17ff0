/** Which topics anyone listens to in the embedded broker, by the filters that its emitter has listeners for. */
import { matchTopic, parseTopicTemplate, type TopicTemplate } from './topic.js';

/** aedes' emitter, as far as it is watched here. */
export interface Emitter {
  on(filter: string, listener: unknown, done?: () => void): unknown;
  removeListener(filter: string, listener: unknown, done?: () => void): unknown;
}

interface Heard {
  listeners: number;
  /** Undefined for a filter that we can't read: it may match anything. */
  readonly template: TopicTemplate | undefined;
}

export class Audience {
  /** Counts up whenever an answer of `hears` may have changed. */
  changes = 0;
  private readonly filters = new Map<string, Heard>();

  /** Watches `emitter` from now on, in place. Listeners are only ever taken off one by one. */
  constructor(emitter: Emitter) {
    const { on, removeListener } = emitter;
    emitter.on = (filter, listener, done) => {
      this.add(filter);
      return on.call(emitter, filter, listener, done);
    };
    emitter.removeListener = (filter, listener, done) => {
      this.remove(filter);
      return removeListener.call(emitter, filter, listener, done);
    };
  }

  /** Whether anyone may listen to `topic`. */
  hears(topic: string): boolean {
    for (const { template } of this.filters.values())
      if (template === undefined || matchTopic(template, topic) !== undefined) return true;
    return false;
  }

  private add(filter: string): void {
    this.changes++;
    const heard = this.filters.get(filter);
    if (heard !== undefined) heard.listeners++;
    else {
      const template = parseTopicTemplate(filter);
      this.filters.set(filter, { listeners: 1, template: typeof template === 'string' ? undefined : template });
    }
  }

  private remove(filter: string): void {
    this.changes++;
    const heard = this.filters.get(filter);
    if (heard !== undefined && --heard.listeners <= 0) this.filters.delete(filter);
  }
}
