/** Those who listen at the broker: whether they heard every alert once and in order, and find every state as it is. */
import mqtt, { type MqttClient } from 'mqtt';
import type { AlarmMessage, EventMessage } from '../../../daemon/message/alarm.js';
import { topics } from './gateway.js';
import type { Told } from './rules.js';

const echoTopic = 'bench/echo';

export class Listener {
  readonly #events = new Map<number, EventMessage>();
  #echoed = () => {};
  #client: MqttClient | undefined;

  constructor(private readonly url: string) {}

  /** Anew after the broker was away: it keeps nothing of us. */
  async join(): Promise<void> {
    await this.#client?.endAsync(true);
    const client = await mqtt.connectAsync(this.url, { reconnectPeriod: 0 });
    client.on('error', () => {});
    client.on('message', (topic, payload) => {
      if (topic === echoTopic) return this.#echoed();
      const event = JSON.parse(payload.toString()) as EventMessage;
      this.#events.set(event.seq, event);
    });
    await client.subscribeAsync(`${topics.base}/+/event`, { qos: 1 });
    await client.subscribeAsync(echoTopic, { qos: 1 });
    this.#client = client;
  }

  /** Until all has been heard that the broker has taken so far. */
  async settle(): Promise<void> {
    const echoed = new Promise<void>((resolve) => {
      this.#echoed = resolve;
    });
    await this.#client?.publishAsync(echoTopic, '', { qos: 1 });
    await echoed;
  }

  async leave(): Promise<void> {
    await this.#client?.endAsync(true);
  }

  /** Alerts that were told but not heard, or heard otherwise; to be called when the outbox is empty and `settle` is done. */
  mismatches(told: readonly Told[]): string[] {
    const alerts = told.filter(({ transition }) => transition.alert);
    const line = (event: string, asset: string, type: string, time: string) => `${event} ${asset}/${type} at ${time}`;
    const wanted = alerts.map(({ message, transition: { kind, timeMs } }) =>
      line(kind, message.asset, message.type, new Date(timeMs).toISOString()),
    );
    const found = wanted.map((_, i) => this.#events.get(i + 1));
    return [
      ...wanted.flatMap((one, i) => {
        const event = found[i];
        const heard = event === undefined ? 'nothing' : line(event.event, event.asset, event.type, event.time);
        return heard === one ? [] : [`alert ${i + 1}: ${one}, but heard ${heard}`];
      }),
      ...[...this.#events.keys()].filter((seq) => seq > wanted.length).map((seq) => `alert ${seq} was never told`),
    ];
  }
}

/** What the broker retains against what we know. */
export async function retainedMismatches(url: string, alarms: readonly AlarmMessage[]): Promise<string[]> {
  const held = new Map<string, string>();
  const client = await mqtt.connectAsync(url);
  const done = new Promise<void>((resolve) => {
    client.on('message', (topic, payload) => {
      if (topic === 'bench/done') resolve();
      else held.set(topic, payload.toString());
    });
  });
  // What is retained is sent in the order of subscriptions, before anything that comes later.
  await client.subscribeAsync(`${topics.base}/+/alarm/+`, { qos: 1 });
  await client.subscribeAsync('bench/done', { qos: 1 });
  await client.publishAsync('bench/done', '', { qos: 1 });
  await done;
  await client.endAsync();
  const known = new Map(alarms.map((message) => [topics.alarm(message.asset, message.type), JSON.stringify(message)]));
  return [
    ...[...known].filter(([topic, payload]) => held.get(topic) !== payload).map(([topic]) => `differs: ${topic}`),
    ...[...held.keys()].filter((topic) => !known.has(topic)).map((topic) => `stray: ${topic}`),
  ];
}
