/** Which topics a user of the embedded broker may publish and subscribe. */
import { matchesName } from './alarm/settings.js';
import { covers, matchTopic, parseTopicTemplate, type TopicTemplate } from './topic.js';

export interface Permission {
  /** Names of users, `*` for any part of a name. */
  readonly users: readonly string[];
  /** Topic filters; `{user}` stands for the user's name. */
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** One user's rights, worked out at connection. */
export class Rights {
  private readonly publishing: readonly TopicTemplate[];
  private readonly subscribing: readonly string[];
  /** Topics asked for before: devices speak on few. */
  private readonly known = new Map<string, boolean>();

  constructor(permissions: readonly Permission[], user: string) {
    const mine = permissions.filter(({ users }) => users.some((pattern) => matchesName(pattern, user)));
    const filters = (which: 'publish' | 'subscribe') =>
      mine
        .flatMap((permission) => permission[which])
        // A name like + would widen the filter.
        .filter((filter) => !filter.includes('{user}') || /^[^/+#$]+$/.test(user))
        .map((filter) => filter.replaceAll('{user}', user));
    this.publishing = filters('publish')
      .map(parseTopicTemplate)
      .filter((template) => typeof template !== 'string');
    this.subscribing = filters('subscribe');
  }

  mayPublish(topic: string): boolean {
    const known = this.known.get(topic);
    if (known !== undefined) return known;
    const may = this.publishing.some((template) => matchTopic(template, topic) !== undefined);
    if (this.known.size >= maxKnown) this.known.clear();
    this.known.set(topic, may);
    return may;
  }

  maySubscribe(filter: string): boolean {
    return this.subscribing.some((allowed) => covers(allowed, filter));
  }
}

const maxKnown = 10_000;
