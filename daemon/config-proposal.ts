/** Live messages -> inputs that would read them: what a newcomer would otherwise work out by hand. */
import { namesAt, type Shape, shapeOf } from './config-shape.js';

export interface SampleMessage {
  readonly topic: string;
  readonly payload: Buffer;
}

/** An input, and what speaks for it. */
export interface Proposal extends Omit<Shape, 'signals'> {
  readonly topic: string;
  readonly messages: number;
  readonly topics: number;
  readonly assets: readonly string[];
  readonly signals: readonly string[];
}

interface Group {
  readonly shape: Shape;
  readonly messages: SampleMessage[];
  readonly signals: Set<string>;
  /** Machines that rows name. */
  readonly names: Set<string>;
}

/** Inputs for the messages that hold numbers, those with most messages first. */
export function proposeInputs(messages: readonly SampleMessage[]): Proposal[] {
  const groups = new Map<string, Group>();
  for (const message of messages) {
    const shape = message.topic.startsWith('$') ? undefined : shapeOf(message.payload);
    if (shape === undefined) continue;
    const id = kindOf(message.topic, shape);
    const group = groups.get(id) ?? { shape, messages: [], signals: new Set(), names: new Set() };
    groups.set(id, group);
    group.messages.push(message);
    if (shape.signals !== 'in-topic') for (const signal of shape.signals) group.signals.add(signal);
    for (const name of namesAt(message.payload, shape)) group.names.add(name);
  }
  return [...groups.values()].flatMap(proposalOf).sort((a, b) => b.messages - a.messages);
}

/** What ends alike is of one kind: `.../telemetry` beside `.../status`. Where the topic names the signal, only the depth tells. */
function kindOf(topic: string, { signals, ...paths }: Shape): string {
  const levels = topic.split('/');
  const tail = signals === 'in-topic' || levels.length < 3 ? '' : levels.at(-1);
  return JSON.stringify([levels[0], levels.length, tail, paths, signals === 'in-topic']);
}

function proposalOf({ shape, messages, signals, names }: Group): Proposal[] {
  const { signals: where, asset: namePath, ...paths } = shape;
  const topics = [...new Set(messages.map(({ topic }) => topic))];
  const common = { ...paths, messages: messages.length, topics: topics.length };
  // Rows of several machines on one topic name them themselves.
  if (namePath !== undefined && names.size > 1 && topics.length === 1 && where !== 'in-topic')
    return [{ topic: topics[0] ?? '', asset: namePath, ...common, assets: [...names].sort(), signals: [...signals] }];
  const template = templateOf(topics, where === 'in-topic');
  if (template === undefined) return [];
  return [{ ...common, ...template, signals: where === 'in-topic' ? template.signals : [...signals] }];
}

/** Levels that differ become placeholders: the last of them the asset (or asset and signal), those before it areas. */
function templateOf(topics: readonly string[], signalInTopic: boolean) {
  const split = topics.map((topic) => topic.split('/'));
  const depth = split[0]?.length ?? 0;
  const varying = Array.from({ length: depth }, (_, i) => i).filter(
    (i) => new Set(split.map((levels) => levels[i])).size > 1,
  );
  const signalAt = signalInTopic ? depth - 1 : -1;
  const before = varying.filter((i) => i !== signalAt);
  // With one asset nothing tells which level is its name: take the one before the signal or the last word.
  const assetAt = before.at(-1) ?? (signalInTopic ? depth - 2 : Math.max(0, depth - 2));
  if (assetAt < 0) return undefined;
  const areas = before.filter((i) => i !== assetAt);
  const name = (level: string, i: number) =>
    i === signalAt
      ? '{signal}'
      : i === assetAt
        ? '{asset}'
        : areas.includes(i)
          ? `{area${areas.length > 1 ? areas.indexOf(i) + 1 : ''}}`
          : level;
  const at = (i: number) => [...new Set(split.map((levels) => levels[i] ?? ''))].sort();
  const assets = at(assetAt);
  const full = new Set(split.map((levels) => [...areas, assetAt].map((i) => levels[i]).join('/')));
  const names = areas.map((_, i) => `{area${areas.length > 1 ? i + 1 : ''}}`);
  return {
    topic: (split[0] ?? []).map(name).join('/'),
    // The same name in two areas is two assets.
    ...(full.size > assets.length && { asset: [...names, '{asset}'].join('-') }),
    assets,
    signals: signalAt < 0 ? [] : at(signalAt),
  };
}
